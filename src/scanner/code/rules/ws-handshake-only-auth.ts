import type { Reach } from '../flow/facts.ts'
import { bad, good } from './examples/ws-handshake-only-auth.ts'
import { inHandler, isHandedMessage, oncePerPlace } from './questions.ts'
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
  why: 'Once connected, a client names the rooms, objects or users of others in its messages, and nothing asks whether it may.',
  looksAt:
    'Effects of a message on what the message names, and whether anything asked for this principal’s right to it, on each way.',
  fix: {
    any: 'Ask in every message handler whether this principal may touch the object that it names.',
    'socket.io': 'Check membership before `socket.join(room)`; take the user from `socket.data`.',
    ws: 'Look the object up by its id and by the user of the connection.',
    nestjs: 'A guard on each `@SubscribeMessage`, not only on the gateway’s connection.',
    django: 'Check in `receive_json`, not only in `connect`.',
  },
  limits: 'Actions on the session’s own data need no further check.',
  when: ({ facts }) => {
    const effects = facts.effects.filter((effect) => !isHandedMessage(effect))
    const named = effects.filter(
      ({ uses, reaches }) =>
        uses.some((origin) => origin.kind === 'message') &&
        // The session's own: nothing in the message names another object.
        !(
          uses.some(({ kind }) => kind === 'identity') &&
          !uses.some((origin) => origin.kind === 'message' && OBJECT.test(origin.name))
        ) &&
        reaches.some((reach) => !isAllowed(reach)),
    )
    const joined = facts.effects.filter(
      ({ name, uses, reaches, keepsSocket }) =>
        (JOINS.test(name) || keepsSocket === true) &&
        uses.some(({ kind }) => kind === 'path' || kind === 'query') &&
        !uses.some(({ kind }) => kind === 'identity' || kind === 'message') &&
        reaches.some((reach) => !isAllowed(reach)),
    )
    const claimed = facts.effects.filter(
      ({ name, kind, uses, reaches }) =>
        kind === 'write' &&
        /(?:\[\]|\.(?:set|add))$/.test(name) &&
        uses.some((origin) => (origin.kind === 'query' || origin.kind === 'path') && WHO.test(origin.name)) &&
        !uses.some((origin) => origin.kind === 'identity' || origin.kind === 'message') &&
        reaches.some(({ passed }) => !passed.some((check) => check.kind === 'identity')),
    )
    if (named.length === 0 && joined.length === 0 && claimed.length > 0)
      return claimed.slice(0, 1).map(({ at, name }) => ({
        at,
        message: `${name} takes the client for whoever its address names, and nothing proves it.`,
      }))
    if (named.length === 0 && joined.length > 0)
      return joined.slice(0, 1).map(({ at, name, via }) => ({
        at: at.file === facts.surface.module.file ? at : inHandler({ at, via }, facts),
        message: `${name} lets the client into what the address names, and nothing asks whether it may.`,
      }))
    return oncePerPlace(
      named.map(({ at, name, via }) => ({
        at: at.file === facts.surface.module.file ? at : inHandler({ at, via }, facts),
        message: `${name} acts on what the message names, and nothing asks whether this client may.`,
      })),
    ).slice(0, 1)
  },
  bad,
  good,
})

/** This principal was asked for its right, or has what whoever may come in was given. */
function isAllowed({ guards, passed }: Reach): boolean {
  return (
    guards.includes('authorized') ||
    passed.some(({ kind, name }) => kind === 'capability' || (kind === 'identity' && /owner|role|authori/.test(name)))
  )
}

/** From then on the client is sent what others of the room are sent. */
const JOINS = /(?:^|\.)(?:group_add|join_?room|enter_?room)$/i

/** Fields that name something which belongs to somebody. */
const OBJECT =
  /(?:^|_)(?:id|uuid|slug)$|Id$|ID$|^(?:room|channel|conversation|doc|document|board|thread|group|project|team|game|match|order|ticket|device|user|account|recipient|target|to|chat|page|file|workspace|org|job|task|playlist|session)(?:Name|Key|Code)?$/

/** Under these the client says who it is. */
const WHO = /^(?:user|uid|me|member|player|account|owner|driver|customer|agent)(?:_?(?:id|name))?$/i
