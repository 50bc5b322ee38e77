/** How many requests one sender may make. Off until the tests say how many: they ask more than anybody else. */
import { type Answer, type Call, fault, type Handler } from './twin.ts'

let allowed = { requests: Number.POSITIVE_INFINITY, seconds: 1 }
const windows = new Map<string, { ends: number; count: number }>()

/** POST /_limit {requests, seconds}: not a route of the service but the tests' hand on its settings. */
export function setLimit(call: Call): Answer {
  const { requests, seconds } = call.json()
  allowed = { requests: Number(requests), seconds: Number(seconds) }
  windows.clear()
  return { status: 200, value: {} }
}

/** Before anything else is done with a request: the check of a signature is what a flood would have us pay for. */
export function limited(path: string, handler: Handler): Handler {
  const kind = path.startsWith('/webhooks/') ? 'webhook' : 'rest'
  if (path.startsWith('/_') || fault(`${kind}-no-rate-limit`)) return handler
  return (call) => {
    const sender = fault(`${kind}-forged-sender`) ? (call.first('x-forwarded-for') ?? '') : ''
    const wait = secondsToWait(`${path} ${sender}`)
    if (wait === 0) return handler(call)
    const headers = fault('no-rate-headers') ? [] : ([['retry-after', String(wait)]] as const)
    return { status: 429, value: { error: 'too many requests' }, headers }
  }
}

function secondsToWait(key: string): number {
  const now = Date.now()
  const window = windows.get(key)
  if (window === undefined || now >= window.ends) {
    windows.set(key, { ends: now + allowed.seconds * 1000, count: 1 })
    return 0
  }
  window.count += 1
  return window.count <= allowed.requests ? 0 : Math.ceil((window.ends - now) / 1000)
}
