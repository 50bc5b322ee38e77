/**
 * A script of messages for one channel of an AsyncAPI document: what is asked, changed, joined and posted.
 *
 * Made of examples and of nothing else: a payload that nobody wrote would be refused for what it is. A document says
 * which message is what (`x-postern-role`), or its names do.
 */
import type { ManifestNode } from '../manifest/node.ts'
import type { SpecDocument, SpecMessage, SpecOperation } from './model.ts'

export const SCRIPT_ROLES = ['join', 'post', 'ask', 'change'] as const
export type ScriptRole = (typeof SCRIPT_ROLES)[number]

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

export interface ScriptLine {
  readonly name: string
  readonly payload: Json
  /** Of its answer, what does not change from one to the next; `undefined` where none is written down. */
  readonly answer: { readonly name: string; readonly payload: Json } | undefined
}

/**
 * @param address Path or name of the channel; where the document has one channel, that one.
 * @param values What is the owner's: where it stands in an example, everybody's own is meant.
 * @returns `undefined` when the document has no such channel.
 */
export function messageScript(
  { operations }: Pick<SpecDocument, 'operations'>,
  address: string,
  values: Readonly<Record<string, string>>,
): Partial<Record<ScriptRole, ScriptLine>> | undefined {
  const channels = operations.filter(({ place }) => place === 'channel')
  const channel = channels.find((one) => isAt(one, address)) ?? (channels.length === 1 ? channels[0] : undefined)
  if (channel === undefined) return undefined
  const script: Partial<Record<ScriptRole, ScriptLine>> = {}
  for (const message of channel.takes ?? []) {
    const [example] = message.examples
    const role = roleOf(message)
    if (example === undefined || role === undefined || script[role] !== undefined) continue
    script[role] = {
      name: message.name,
      payload: templateOf(example, values, role),
      answer: answerOf(message, values),
    }
  }
  return script
}

function isAt({ path, servers }: SpecOperation, address: string): boolean {
  const withSlash = (text: string) => `/${text}`.replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '')
  return ['', ...servers.map(({ base }) => base)].some((base) => withSlash(`${base}/${path}`) === withSlash(address))
}

/** The first that fits; asking comes before changing, as a read may be called `getUpdates`. */
const WORDS: Readonly<Record<ScriptRole, RegExp>> = {
  join: /(?:join|subscribe|enter|watch)/i,
  post: /(?:post|chat|say|broadcast|publish)/i,
  ask: /(?:get|read|show|fetch|query|find|list|load|ask)/i,
  change: /(?:pay|create|update|delete|remove|cancel|change|set|add|edit|transfer|submit)/i,
}

function roleOf({ role, words }: SpecMessage): ScriptRole | undefined {
  return SCRIPT_ROLES.find((one) => one === role) ?? SCRIPT_ROLES.find((one) => WORDS[one].test(words))
}

function answerOf({ replies }: SpecMessage, values: Readonly<Record<string, string>>): ScriptLine['answer'] {
  const reply = replies.find(({ examples }) => examples.length > 0)
  const [example] = reply?.examples ?? []
  return reply === undefined || example === undefined
    ? undefined
    : { name: reply.name, payload: stable(templateOf(example, values, 'ask')) ?? {} }
}

/** Texts only: what is written as a number is a number to the far side, and a text in its place would be refused. */
function templateOf(node: ManifestNode, values: Readonly<Record<string, string>>, role: ScriptRole, key = ''): Json {
  if (node.kind === 'list') return node.items.map((item) => templateOf(item, values, role, key))
  if (node.kind === 'map')
    return Object.fromEntries(
      node.entries.map((entry) => [entry.key, templateOf(entry.value, values, role, entry.key)]),
    )
  const { value } = node
  if (typeof value !== 'string') return value
  if (/nonce|idempotency/i.test(key)) return '{{nonce}}'
  if (role === 'post' && /^(?:text|body|message|content)$/i.test(key)) return '{{text}}'
  const [own] = Object.entries(values).find(([, text]) => text === value) ?? []
  return own === undefined ? value : `{{${own}}}`
}

/** What tells an answer from another: whose it is, and of which kind. */
function stable(json: Json, key = ''): Json | undefined {
  if (typeof json === 'string') return json.includes('{{') || KIND.test(key) ? json : undefined
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined
  const members = Object.entries(json).flatMap(([name, value]) => {
    const kept = stable(value, name)
    return kept === undefined ? [] : [[name, kept] as const]
  })
  return members.length === 0 && key !== '' ? undefined : Object.fromEntries(members)
}

const KIND = /^(?:type|event|kind|action|op|command)$/i
