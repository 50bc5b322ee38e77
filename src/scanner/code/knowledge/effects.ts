/** Calls that change something outside: databases, queues, mail, other services, the machine. */
import type { EffectKind } from '../flow/facts.ts'
import { wordsOf } from './names.ts'

export interface KnownEffect {
  readonly kind: EffectKind
  readonly repeatable: boolean
}

const insert: KnownEffect = { kind: 'insert', repeatable: false }
const write: KnownEffect = { kind: 'write', repeatable: true }
const upsert: KnownEffect = { kind: 'upsert', repeatable: true }
const remove: KnownEffect = { kind: 'delete', repeatable: true }
const enqueue: KnownEffect = { kind: 'enqueue', repeatable: false }
const send: KnownEffect = { kind: 'send', repeatable: false }
const execute: KnownEffect = { kind: 'execute', repeatable: false }
const broadcast: KnownEffect = { kind: 'broadcast', repeatable: true }

const METHODS: Readonly<Record<string, KnownEffect>> = {
  create: insert,
  insert,
  insertOne: insert,
  insertMany: insert,
  insert_one: insert,
  insert_many: insert,
  bulk_create: insert,
  bulkCreate: insert,
  createMany: insert,
  insertInto: insert,
  add_all: insert,
  put_item: write,
  putItem: write,
  save: write,
  update: write,
  updateOne: write,
  updateMany: write,
  update_one: write,
  update_many: write,
  findOneAndUpdate: write,
  find_one_and_update: write,
  findByIdAndUpdate: write,
  bulk_update: write,
  bulkWrite: write,
  patch: write,
  setDoc: write,
  updateDoc: write,
  hset: write,
  hmset: write,
  increment: { kind: 'increment', repeatable: false },
  decrement: { kind: 'increment', repeatable: false },
  incr: { kind: 'increment', repeatable: false },
  incrby: { kind: 'increment', repeatable: false },
  hincrby: { kind: 'increment', repeatable: false },
  decr: { kind: 'increment', repeatable: false },
  upsert,
  get_or_create: upsert,
  update_or_create: upsert,
  findOrCreate: upsert,
  replaceOne: upsert,
  replace_one: upsert,
  merge: upsert,
  delete: remove,
  deleteOne: remove,
  deleteMany: remove,
  delete_one: remove,
  delete_many: remove,
  remove,
  destroy: remove,
  findByIdAndDelete: remove,
  delay: enqueue,
  apply_async: enqueue,
  enqueue,
  send_task: enqueue,
  sendMessage: enqueue,
  send_message: enqueue,
  publish: enqueue,
  produce: enqueue,
  addJob: enqueue,
  add_task: enqueue,
  xadd: enqueue,
  lpush: enqueue,
  rpush: enqueue,
  sendToQueue: enqueue,
  addBulk: enqueue,
  perform_async: enqueue,
  enqueue_in: enqueue,
  enqueue_call: enqueue,
  put_nowait: enqueue,
  createTask: enqueue,
  create_task: enqueue,
  dispatch: enqueue,
  emit: broadcast,
  broadcast,
  group_send: broadcast,
  publishMessage: enqueue,
  sendMail: send,
  send_mail: send,
  sendEmail: send,
  send_email: send,
  sendSms: send,
  send_sms: send,
  notify: send,
  chat_postMessage: send,
  postMessage: send,
  messages_create: send,
}

/** By the last name of the call, for receivers that are nothing known and pure. */
export function effectOfMethod(method: string, path: string, isMember: boolean): KnownEffect | undefined {
  if (!isMember) return EXECUTORS.test(path) ? execute : undefined
  if (
    /(?:^|\.)(?:Object|Array|Map|Set|Date|Math|JSON|Buffer|URL|Promise|crypto|hashlib|hmac|jwt|hash|mac|digest|headers|response|request|URLSearchParams|FormData|AbortController|logger|log|console)(?:\(\))?\.\w+$/i.test(
      path,
    )
  )
    return undefined
  if (EXECUTORS.test(path)) return execute
  if (method === 'add' && /queue|jobs?$|worker|tasks/i.test(path.replace(/\.add$/, ''))) return enqueue
  if (method === 'add' && /session|db|transaction|collection|doc|ref|firestore/i.test(path)) return insert
  if (method === 'send' && /queue|producer|sqs|sns|mail|kafka|client|pubsub|inngest|resend|sgMail|dynamo/i.test(path))
    return /mail|resend/i.test(path) ? send : enqueue
  if (method === 'set' && /doc|collection|ref|firestore|db\b/i.test(path)) return write
  if (
    method === 'create' &&
    /messages\.create|emails?\.create|charges?\.create|transfers?\.create|payouts?\.create|refunds?\.create/i.test(path)
  )
    return send
  if (method === 'trigger' && /pusher|channel|tasks?/i.test(path)) return broadcast
  if (method === 'post' && /requests|axios|httpx|client|http|got|session|fetch|api/i.test(path)) return send
  if (method === 'put' && /queue/i.test(path)) return enqueue
  return Object.hasOwn(METHODS, method) ? METHODS[method] : undefined
}

const EXECUTORS =
  /^(?:os\.system|os\.popen|subprocess\.\w+|child_process\.\w+|execa|exec|execSync|spawn|spawnSync|eval|shell\.exec|shelljs\.exec|execAsync|git\.pull|\w*[rR]epo(?:\(\))?\.(?:git\.)?(?:pull|remotes\..*pull))$/

/** What a statement in SQL does. */
export function effectOfSql(sql: string): KnownEffect | undefined {
  if (/\bon\s+(?:conflict|duplicate)\b|insert\s+(?:or\s+)?ignore|replace\s+into|merge\s+into/i.test(sql)) return upsert
  if (/^\s*insert\b/i.test(sql)) return insert
  if (/^\s*update\b/i.test(sql))
    return /=\s*"?[\w.]+"?\s*[+-]\s*/.test(sql) ? { kind: 'increment', repeatable: false } : write
  return /^\s*delete\b/i.test(sql) ? remove : undefined
}

/** Doing it twice is not harmless: money moves, something leaves the house, or something is added. */
export function isCostlyName(name: string): boolean {
  const words = wordsOf(name.split('.').at(-1) ?? name)
  if (IDEMPOTENT.has(words[0] ?? '') || words.at(-1) === 'once' || words.includes('idempotent') || words.includes('if'))
    return false
  return words.some((word) => COSTLY.has(word)) && !words.includes('get')
}
const IDEMPOTENT: ReadonlySet<string> = new Set(
  'set upsert put replace update mark ensure sync store save assign cancel disable enable remove delete unset clear reset refresh find get load is has check'.split(
    ' ',
  ),
)
const COSTLY: ReadonlySet<string> = new Set(
  'add send charge credit debit refund transfer pay payout payouts ship fulfil fulfill increment decrement create insert append notify email mail sms deposit withdraw award grant book issue redeem deduct reward topup'.split(
    ' ',
  ),
)
