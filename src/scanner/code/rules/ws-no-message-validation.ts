import type { Effect, Place, SurfaceFacts } from '../flow/facts.ts'
import { originKey } from '../flow/value.ts'
import type { Framework } from '../surface.ts'
import { bad, good } from './examples/ws-no-message-validation.ts'
import { isHandedMessage, oncePerPlace } from './questions.ts'
import { defineRule } from './rule.ts'

export const wsNoMessageValidation = defineRule({
  id: 'ws-no-message-validation',
  control: 'message-schema-validation',
  title: 'A message is used without looking at its shape',
  severity: 'medium',
  confidence: 'medium',
  cwe: [20],
  owasp: ['API4', 'API8'],
  styles: ['websocket'],
  why: 'Messages of the wrong shape crash the handler, or reach queries and calls as objects where a text was meant.',
  looksAt: 'Fields of a message that reach an effect without a schema, a type check or a comparison on the way.',
  fix: {
    any: 'Parse every message with a schema and drop what does not fit.',
    ws: '`const parsed = Message.safeParse(JSON.parse(data))`, inside a `try`.',
    'socket.io': 'The same for each argument of each event.',
    nestjs: '`ValidationPipe` on the gateway, with classes for the messages.',
    fastapi: '`Message.model_validate_json(text)`.',
  },
  limits: 'Type checks by hand count.',
  when: ({ facts }) =>
    oncePerPlace(
      facts.effects
        .filter((effect) => !isHandedMessage(effect) && !isRelayed(effect, facts))
        .filter(({ uses, reaches }) =>
          reaches.some(
            ({ guards }) =>
              !guards.includes('schema-validated') &&
              !guards.includes('value-compared') &&
              uses.some(
                (origin) =>
                  origin.kind === 'message' && origin.name !== '' && !guards.includes(`listed:${originKey(origin)}`),
              ),
          ),
        )
        .map((effect) => ({
          at: parsedBefore(effect, facts),
          message: `${effect.name} takes fields of the message as they came.`,
          trace: [{ ...effect.at, message: 'They are used here.' }],
        })),
    ).slice(0, 1),
  bad,
  good,
})

/** Others parse before the handler sees a message. */
const GIVES_BYTES: ReadonlySet<Framework> = new Set(['ws', 'fastify', 'express', 'node:http', 'hono'])

/** Bytes that this socket passes on as they came to code out of sight. */
function isRelayed({ kind, uses }: Effect, { messagesParsedAt, surface }: SurfaceFacts): boolean {
  return (
    kind === 'opaque' &&
    GIVES_BYTES.has(surface.framework) &&
    messagesParsedAt.length === 0 &&
    uses.every((origin) => origin.kind !== 'message' || origin.name === '*')
  )
}

/** Where the message was parsed that the handler then uses; where the framework has done so, the use itself. */
function parsedBefore(effect: Effect, facts: SurfaceFacts): Place {
  const parsed = facts.messagesParsedAt
  const used = inSurfaceFile(effect, facts)
  const before = [effect.at, used].flatMap(({ file, line }) =>
    parsed.filter((at) => at.file === file && at.line <= line).slice(-1),
  )
  return before[0] ?? parsed[0] ?? used
}

/** The innermost line of the file of the socket: handlers of messages are often hung up by a function of their own. */
function inSurfaceFile({ via, at }: Effect, { surface }: SurfaceFacts): Place {
  const call = via.findLast(({ file, line }) => file === surface.module.file && line !== surface.at.line)
  // A function of the same file is hung up somewhere below it.
  const isNamed = at.file === surface.module.file && call !== undefined && call.line > at.line
  return call === undefined || isNamed ? at : { file: call.file, line: call.line, column: call.column }
}
