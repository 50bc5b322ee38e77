/** The messages of a socket: as the plan writes them, or from the examples of an AsyncAPI document. */
import { PosternError } from '../../../base/model/errors.ts'
import { messageScript, type ScriptLine, type ScriptRole } from '../../spec/message-script.ts'
import { readSpec } from '../../spec/read-spec.ts'
import type { LiveContext } from '../context.ts'
import type { Json, Script, SocketTarget } from './channel-plan.ts'

export type ScriptedSocket = SocketTarget & { readonly messages: Script }

/** @throws PosternError `VALIDATION_ERROR`: what the plan or the document lacks. */
export async function withScript(
  target: SocketTarget,
  { readText }: Pick<LiveContext, 'readText'>,
): Promise<ScriptedSocket> {
  const { messages, asyncapi } = target
  if (messages !== undefined) return { ...target, messages }
  if (asyncapi === undefined)
    throw invalid(
      `The socket at ${target.url} has no messages: write them, or name a document with examples (asyncapi).`,
    )
  return { ...target, messages: scriptFrom(target, await readText(asyncapi), asyncapi) }
}

function scriptFrom({ url, protocol, identities }: SocketTarget, text: string, file: string): Script {
  if (protocol.startsWith('graphql')) throw invalid(`${protocol} has its own language: write messages in the plan.`)
  const { documents, problems } = readSpec(text, file)
  const [problem] = problems
  if (problem !== undefined) throw invalid(`${file}:${problem.line}:${problem.column} ${problem.message}`)
  const { pathname } = new URL(url)
  const [owner] = Object.values(identities)
  const scripts = documents.flatMap((document) => messageScript(document, pathname, owner?.values ?? {}) ?? [])
  const [script] = scripts
  if (script === undefined) throw invalid(`${file} describes no channel ${pathname}.`)
  const { ask } = script
  if (ask === undefined)
    throw invalid(
      `${file} has no message with an example that asks for something; mark it with x-postern-role: ask, and give it an example.`,
    )
  const written = (role: ScriptRole, line: ScriptLine | undefined) =>
    line === undefined ? {} : { [role]: lineOf(line, protocol) }
  const { expect } = lineOf(ask, protocol)
  if (expect === undefined)
    throw invalid(
      `${file} has no example of an answer to ${ask.name}: give its operation a reply (or the message x-response).`,
    )
  const change = script.change === undefined ? undefined : lineOf(script.change, protocol)
  return {
    ask: { send: lineOf(ask, protocol).send, expect },
    ...(change?.expect === undefined ? {} : { change: { send: change.send, expect: change.expect } }),
    ...written('join', script.join),
    ...written('post', script.post),
  }
}

/** With socket.io a message is an event by its name. */
function lineOf({ name, payload, answer }: ScriptLine, protocol: SocketTarget['protocol']) {
  const shown = (named: string, data: unknown): Json =>
    (protocol === 'socket.io' ? { event: named, data } : data) as Json
  return {
    send: shown(name, payload),
    ...(answer === undefined ? {} : { expect: shown(answer.name, answer.payload) }),
  }
}

function invalid(detail: string): PosternError {
  return new PosternError('VALIDATION_ERROR', detail)
}
