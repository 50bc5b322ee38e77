import { oncePerPlace } from './questions.ts'
import { defineRule } from './rule.ts'

export const wsHandshakeOnlyAuth = defineRule({
  id: 'ws-handshake-only-auth',
  control: 'message-authorization',
  title: 'Only the handshake asks who may do what',
  severity: 'high',
  confidence: 'medium',
  cwe: [862, 639],
  owasp: ['API1', 'API5'],
  styles: ['websocket'],
  why: 'Once connected, a client names rooms, objects or users of others in its messages, and nothing asks whether it may.',
  fix: {
    any: 'Check in every message handler that this principal may touch the object it names.',
  },
  limits: 'Actions on the session’s own data need no further check.',
  when: ({ facts }) => {
    const named = facts.effects.filter(
      ({ uses, reaches }) =>
        uses.some((origin) => origin.kind === 'message') &&
        reaches.some(
          ({ guards, passed }) =>
            !guards.includes('authorized') &&
            !passed.some(({ kind, name }) => kind === 'identity' && /owner|role|authori/.test(name)),
        ),
    )
    return oncePerPlace(
      named.map(({ at, name }) => ({
        at,
        message: `${name} acts on what the message names, and nothing asks whether this client may.`,
      })),
    ).slice(0, 1)
  },
})
