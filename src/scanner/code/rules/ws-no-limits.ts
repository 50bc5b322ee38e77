import type { Effect } from '../flow/facts.ts'
import { doesNothing } from '../parse/walk.ts'
import { bad, good } from './examples/ws-no-limits.ts'
import { defineRule } from './rule.ts'

export const wsNoLimits = defineRule({
  id: 'ws-no-limits',
  control: 'message-size-limit',
  title: 'Messages have no limit in size or number',
  severity: 'medium',
  confidence: 'medium',
  cwe: [770, 400, 799],
  owasp: ['API4'],
  styles: ['websocket'],
  why: 'One client sends messages of many megabytes, or thousands a second, and the process serves nobody else.',
  looksAt:
    'The size limit of the socket server, its library’s default included, and a count of messages per connection.',
  fix: {
    any: 'Set a limit of 64 KiB for a message, and count messages per connection.',
    ws: '`maxPayload: 65536`; the default is 100 MiB.',
    'socket.io': 'A count per socket; `maxHttpBufferSize` is 1 MB unless changed.',
    fastapi: '`--ws-max-size 65536` of uvicorn, and a count in the receiving loop.',
    go: '`conn.SetReadLimit(65536)`.',
  },
  limits: 'A library’s default of 1 MB or less counts as a size limit.',
  when: ({ facts }) => {
    const { socket } = facts.surface
    const serves = facts.surface.chain.some(
      ({ role, run }) => role === 'message' && !(run.fn !== undefined && doesNothing(run.fn)),
    )
    if (socket === undefined || !facts.effects.some((effect) => serves || isSetOff(effect))) return []
    const sized =
      (socket.maxPayload !== undefined && socket.maxPayload <= 1_048_576) || facts.guards.includes('size-limited')
    const limited = socket.hasRateLimit || facts.guards.includes('rate-limited')
    if (sized && limited) return []
    return [
      {
        at: { file: facts.surface.module.file, ...socket.serverAt },
        ...(sized ? { control: 'message-rate-limit' as const } : {}),
        message: sized
          ? 'A client may send as many messages as it likes.'
          : 'A message may be as large as the library allows, and nothing counts them.',
      },
    ]
  },
  bad,
  good,
})

/** By a message, and not by the end of the connection, which one waits for in the same place. */
function isSetOff({ ofMessage, name, uses }: Effect): boolean {
  return ofMessage === true && (!LEAVES.test(name) || uses.some(({ kind }) => kind === 'message'))
}
const LEAVES =
  /(?:^|[._])(?:disconnect|discard|leave|remove|unregister|unsubscribe|detach|delete|pop|release|clean_?up)\w*$/i
