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
// A deployment run again ends where the first one did.
const execute: KnownEffect = { kind: 'execute', repeatable: true }
const broadcast: KnownEffect = { kind: 'broadcast', repeatable: true }

const METHODS: Readonly<Record<string, KnownEffect>> = {
  // A channel of the process: what takes from it decides.
  '<-': { kind: 'enqueue', repeatable: true },
  create: insert,
  insert,
  insertOne: insert,
  insertMany: insert,
  insert_one: insert,
  insert_many: insert,
  bulk_create: insert,
  bulkCreate: insert,
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
  insert_all: insert,
  insertGetId: insert,
  forceCreate: insert,
  createMany: insert,
  createQuietly: insert,
  persist: insert,
  attach: insert,
  find_or_create_by: upsert,
  create_or_find_by: upsert,
  first_or_create: upsert,
  upsert_all: upsert,
  firstOrCreate: upsert,
  updateOrCreate: upsert,
  updateOrInsert: upsert,
  insertOrIgnore: upsert,
  syncWithoutDetaching: upsert,
  update_all: write,
  update_attributes: write,
  update_attribute: write,
  update_columns: write,
  update_column: write,
  assign_attributes: write,
  saveOrFail: write,
  saveQuietly: write,
  updateQuietly: write,
  updateOrFail: write,
  toggle: { kind: 'write', repeatable: false },
  increment_counter: { kind: 'increment', repeatable: false },
  update_counters: { kind: 'increment', repeatable: false },
  incrementEach: { kind: 'increment', repeatable: false },
  destroy_all: remove,
  destroy_by: remove,
  delete_all: remove,
  delete_by: remove,
  forceDelete: remove,
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
  perform_later: enqueue,
  perform_in: enqueue,
  perform_at: enqueue,
  dispatchSync: enqueue,
  dispatchNow: enqueue,
  dispatchAfterResponse: enqueue,
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
  deliver_later: send,
  deliver_now: send,
  deliver: send,
  notifyNow: send,
  broadcast_to: broadcast,
  convertAndSend: broadcast,
  convertAndSendToUser: broadcast,
}

/** By the last name of the call, for receivers that are nothing known and pure. */
export function effectOfMethod(written: string, path: string, isMember: boolean): KnownEffect | undefined {
  // Go exports by a capital.
  const method = written.charAt(0).toLowerCase() + written.slice(1)
  if (!isMember) return EXECUTORS.test(path) ? execute : undefined
  if (
    /(?:^|\.)(?:Object|Array|Map|Set|Date|Math|JSON|Buffer|URL|Promise|crypto|create(?:Verify|Sign|Hash|Hmac|Cipheriv|Decipheriv)|verifier|signer|hashlib|hmac|jwt|hash|mac|digest|headers|response|request|URLSearchParams|FormData|AbortController|logger|log|console)(?:\(\))?\.\w+$/i.test(
      path,
    )
  )
    return undefined
  if (EXECUTORS.test(path)) return execute
  if (method === 'create' && /\.Clauses\(\)/.test(path)) return upsert
  if (method === 'add' && /queue|jobs?$|worker|tasks/i.test(path.replace(/\.add$/, ''))) return enqueue
  if (method === 'add' && /session|db|transaction|collection|doc|ref|firestore/i.test(path)) return insert
  if (method === 'send_message' && /smtp/i.test(path)) return send
  if (method === 'send' && /queue|producer|sqs|sns|mail|kafka|client|pubsub|inngest|resend|sgMail|dynamo/i.test(path))
    return /mail|resend/i.test(path) ? send : enqueue
  if (method === 'set' && /doc|collection|ref|firestore|db\b/i.test(path)) return write
  if (
    method === 'create' &&
    /messages\.create|emails?\.create|charges?\.create|transfers?\.create|payouts?\.create|refunds?\.create/i.test(path)
  )
    return send
  if (method === 'convertAndSend' && /rabbit|amqp|jms/i.test(path)) return enqueue
  if (method === 'trigger' && /pusher|channel|tasks?/i.test(path)) return broadcast
  if (method === 'post' && /requests|axios|httpx|client|http|got|session|fetch|api/i.test(path)) return send
  if (method === 'put' && /queue/i.test(path)) return enqueue
  return Object.hasOwn(METHODS, method) ? METHODS[method] : undefined
}

const EXECUTORS =
  /^(?:(?:os\/)?exec\.Command(?:Context)?|Runtime\.getRuntime\(\)\.exec|system|shell_exec|passthru|proc_open|popen|Open3\.\w+|Kernel\.(?:system|exec|spawn)|IO\.popen|os\.system|os\.popen|subprocess\.\w+|child_process\.\w+|execa|exec|execSync|spawn|spawnSync|eval|shell\.exec|shelljs\.exec|execAsync|git\.pull|\w*[rR]epo(?:\(\))?\.(?:git\.)?(?:pull|remotes\..*pull))$/

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
  const all = wordsOf(name.split('.').at(-1) ?? name)
  // `latestFreeByEmail` mails nobody.
  const by = all.indexOf('by')
  const words = by > 0 ? all.slice(0, by) : all
  if (IDEMPOTENT.has(words[0] ?? '') || words.at(-1) === 'once' || words.includes('idempotent') || words.includes('if'))
    return false
  if (words.includes('get')) return false
  // `CreateOrUpdateInvoice` makes the one that is there no second time.
  if (UNLESS_THERE.test(words.join(' '))) return false
  // Who is in a group already is not put there a second time.
  if (words[0] === 'add' && GROUPS.test(words.at(-1) ?? '')) return false
  // `chargeSucceeded` is told of a charge, it makes none.
  if (TELLS.test(words.at(-1) ?? '') && !ACTS.test(words[0] ?? '')) return false
  // A user or product made again is most often the one that is there already; a charge is another one.
  if (MAKES.has(words[0] ?? '')) return words.slice(1).some((word) => ADDS_UP.has(word) || COSTLY.has(word))
  return words.some((word) => COSTLY.has(word))
}

/** What is queued has an effect that is elsewhere: only the job's name tells of it. */
export function isCostlyJob(path: string): boolean {
  return path.split('.').slice(0, -1).some(isCostlyName)
}

const UNLESS_THERE =
  /^(?:create|insert|add|save|record|store|find|make) or (?:create|insert|add|update|find|replace|merge|ignore|skip|reuse)\b/
const GROUPS =
  /^(?:channel|group|team|role|list|room|org|organi[sz]ation|workspace|members?|collaborators?|labels?|tags?)$/
const TELLS = /(?:[^e]ed|paid|success|failure)$/
const ACTS = /^(?:send|add|notify|email|mail|sms|increment|grant|award|issue|credit|debit)$/
const MAKES: ReadonlySet<string> = new Set(['create', 'make', 'new', 'insert', 'append', 'place', 'submit'])
const ADDS_UP: ReadonlySet<string> = new Set(
  'order orders payment payments invoice invoices transaction transactions entry entries ticket tickets comment message incident alert notification'.split(
    ' ',
  ),
)
const IDEMPOTENT: ReadonlySet<string> = new Set(
  'set upsert put replace update mark ensure sync store save assign cancel disable enable remove delete unset clear reset refresh find get load is has check'.split(
    ' ',
  ),
)
const COSTLY: ReadonlySet<string> = new Set(
  'add send charge credit debit refund transfer pay payout payouts ship fulfil fulfill increment decrement notify email mail sms deposit withdraw award grant book issue redeem deduct reward topup'.split(
    ' ',
  ),
)

/** Of query builders: what to do when the row is there already. */
export const CONFLICT_METHODS =
  /^(?:onConflict\w*|orIgnore|orUpdate|on_conflict\w*|onDuplicateKey\w*|prefix_with|ignore)$/

/** Options that say the same. */
export const CONFLICT_OPTIONS = /^(?:skipDuplicates|ignoreDuplicates|ignore_conflicts|onConflict|updateOnDuplicate)$/

/** The AWS SDK sends commands: what one does is in its name. */
export function effectOfCommand(ref: string): KnownEffect | undefined {
  const name = /(\w+)Command\(\)$/.exec(ref)?.[1]
  if (name === undefined) return undefined
  if (/^(?:Put|Update|Upload|Copy|Restore|BatchWrite|TransactWrite|Create)/.test(name))
    return /Put(?:Events|Record)/.test(name) ? enqueue : write
  if (/^(?:Delete|Remove)/.test(name)) return remove
  if (/^(?:Get|BatchGet|List|Describe|Head|Query|Scan|Receive|Select|Verify|Decrypt)/.test(name)) return undefined
  if (/^(?:SendEmail|SendTemplatedEmail|SendRawEmail)/.test(name)) return send
  if (/^(?:Send|Publish|Start|Invoke|Enqueue)/.test(name)) return enqueue
  return { kind: 'write', repeatable: true }
}
