/** REST as everybody has it: orders that belong to an account. */
import { requirePrincipal } from './access.ts'
import { type Answer, type Call, fault, Refused } from './twin.ts'

export interface Order {
  readonly id: string
  readonly account: string
  readonly total: number
}

const ORDERS: Readonly<Record<string, Order>> = {
  '1': { id: '1', account: 'acct_a', total: 1200 },
  '2': { id: '2', account: 'acct_b', total: 3400 },
}

export function findOrder(id: unknown): Order | undefined {
  return typeof id === 'string' && Object.hasOwn(ORDERS, id) ? ORDERS[id] : undefined
}

export function showOrder(call: Call): Answer {
  const account = fault('rest-no-auth') ? undefined : requirePrincipal(call).account
  const id = call.params['id']
  if (id === 'boom' && fault('stack-trace')) throw new Error('no such order: boom')
  const order = findOrder(id)
  const isTheirs = order?.account === account || fault('rest-bola') || fault('rest-no-auth')
  if (order === undefined || !isTheirs) throw new Refused(404, 'no such order')
  const personal = { card: '4242424242424242', ssn: '078-05-1120', aws: `AKIA${'IOSFODNN7EXAMPLE'}` }
  return {
    status: 200,
    value: fault('rest-pii') ? { ...order, ...personal } : order,
    headers: [['cache-control', 'no-store']],
  }
}
