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
  fix: {
    any: 'Set maxPayload (64 KiB) and count messages per connection.',
  },
  limits: 'A library’s default of 1 MB or less counts as a size limit.',
  when: ({ facts }) => {
    const { socket } = facts.surface
    if (socket === undefined || facts.effects.length === 0) return []
    const sized = socket.maxPayload !== undefined && socket.maxPayload <= 1_048_576
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
})
