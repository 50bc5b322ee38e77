/** Genuine events whose fields hold addresses of our listener: does the target go there, and where does it stop? */
import { compileBodyPath } from '../../../providers/body-path.ts'
import type { Answer, Lab } from '../lab.ts'
import type { Trap } from '../listener.ts'
import { faulty, sound, unclear, type Verdict } from '../probe.ts'
import { jsonObject, readAt, setAt, type WebhookEvent, withJson } from '../webhook/kit.ts'
import type { WebhookProbe, WebhookSubject } from '../webhook/subject.ts'

/** What developers call a field that they then fetch, or send somebody to. */
const FETCHED = [
  'url',
  'callback_url',
  'callbackUrl',
  'webhook_url',
  'image_url',
  'avatar_url',
  'invoice_pdf',
  'file_url',
  'source_url',
  'href',
]
const SENT_TO = [
  'redirect_url',
  'redirect',
  'redirect_uri',
  'return_url',
  'return_to',
  'next',
  'continue',
  'success_url',
]
const MAX_FIELDS = 25

/** Loopback in spellings that text checks miss and that the system's resolver understands. */
const SPELLINGS = [
  'localhost',
  'postern.localhost',
  '127.1',
  '0x7f.0.0.1',
  '2130706433',
  '0177.0.0.1',
  '[::ffff:127.0.0.1]',
]

const NO_LISTENER = unclear(
  'Whether the target fetches addresses out of events was not watched.',
  'Give --callback-base an address under which the target reaches this machine.',
)

export const payloadUrlFetch: WebhookProbe = {
  id: 'payload-url-fetch',
  title: 'A genuine event whose addresses lead to a listener',
  controls: ['payload-url-guard'],
  proves: 'Whether the target fetches addresses that it finds in events, though they lead inside.',
  sends:
    'A validly signed event with an address of our listener in every field that holds one, in `url_fields`, and in members with the usual names; then the same with an address that redirects.',
  reads:
    'A call at the listener with the probe’s own token: faulty, also when it comes late. None: sound, as far as these fields go.',
  limits:
    'A listener on loopback is reached only by targets on this machine; for others give `callback_base`. Late calls count until the last probe of this target has ended; a target may fetch later still.',
  examples: { faulty: 'GET /8f2c… at the listener', sound: 'nothing at the listener' },
  async run(subject, lab) {
    if (lab.listener === undefined) return NO_LISTENER
    const direct = lab.listener.trap()
    const redirecting = lab.listener.trap()
    await plant(subject, lab, () => direct.url)
    await plant(subject, lab, () => redirecting.redirectingUrl)
    await arrivals(lab, subject, [direct, redirecting])
    return foundOr('The target fetched none of the addresses put into an event.', () =>
      fetched(direct, redirecting, lab.listener?.isPublic === true),
    )
  },
}

function fetched(direct: Trap, redirecting: Trap, isPublic: boolean): Verdict | undefined {
  const inside = isPublic ? 'an address out of an event' : 'an address on loopback out of an event'
  if (redirecting.redirectFollowed()) return faulty(`The target fetches ${inside}, and follows where it is redirected.`)
  if (direct.hits().length + redirecting.hits().length === 0) return undefined
  return isPublic
    ? faulty(`The target fetches ${inside}; whether it also goes to private ones was not seen.`, {
        severity: 'medium',
        confidence: 'medium',
      })
    : faulty(`The target fetches ${inside}.`)
}

/** Calls may come long after the event: they are looked for again when everything else was asked. */
function foundOr(nothing: string, find: () => Verdict | undefined): Verdict {
  return find() ?? sound(nothing, { confidence: 'medium', late: find })
}

export const payloadUrlSpelling: WebhookProbe = {
  id: 'payload-url-spelling',
  title: 'A genuine event whose addresses hide where they lead',
  controls: ['payload-url-guard'],
  follows: ['payload-url-fetch'],
  proves: 'Whether a guard against internal addresses reads text instead of addresses.',
  sends: `A validly signed event for each way to write loopback: ${SPELLINGS.join(', ')}.`,
  reads: 'A call at the listener under one of them: faulty. None: sound, as far as these fields go.',
  limits: 'Only with a listener on loopback, so only for targets on this machine.',
  examples: { faulty: 'http://2130706433:4567/… · GET at the listener', sound: 'nothing at the listener' },
  async run(subject, lab) {
    const { listener } = lab
    if (listener === undefined || listener.isPublic)
      return {
        ...NO_LISTENER,
        standing: 'not-applicable',
        detail: 'Spellings of loopback need a listener on loopback.',
      }
    const traps = SPELLINGS.map((host) => ({ host, trap: listener.trap() }))
    for (const { host, trap } of traps) await plant(subject, lab, () => trap.spelled(host))
    await arrivals(
      lab,
      subject,
      traps.map(({ trap }) => trap),
    )
    return foundOr('The target fetched loopback in none of its spellings.', () => {
      const reached = traps.filter(({ trap }) => trap.hits().length > 0).map(({ host }) => host)
      return reached.length === 0
        ? undefined
        : faulty(`The target fetches loopback when it is written ${reached.join(', ')}.`)
    })
  },
}

/** Where nobody who sends events has any business: the keys of a cloud machine, the machine itself, its files. */
const FORBIDDEN = ['http://169.254.169.254/latest/meta-data/', 'http://0.0.0.0:2/', 'file:///etc/passwd']

const INSIDE = /\broot:[^:\n]{0,40}:0:0:|\b(?:ami-id|instance-id|public-hostname|security-credentials)\b/

/** What libraries say of a connection that they tried. */
const TRIED =
  /\bE(?:CONN(?:REFUSED|RESET)|HOSTUNREACH|NETUNREACH|TIMEDOUT|ADDRNOTAVAIL)\b|connection (?:refused|reset|timed out)|(?:connect|read|operation|request)[\w ]{0,20} timed? ?out|no route to host|network is unreachable|fetch failed|urlopen error|max retries exceeded|failed to (?:connect|establish)|could ?n[o']t (?:connect|be reached)|dial tcp|unreachable host|Errno 11[013]/i

export const payloadUrlForbidden: WebhookProbe = {
  id: 'payload-url-forbidden',
  title: 'A genuine event whose addresses lead to metadata, the machine itself and its files',
  controls: ['payload-url-guard'],
  follows: ['payload-url-fetch', 'payload-url-spelling'],
  proves:
    'Whether a guard that keeps a listener out keeps out what matters: where no listener can stand, only the answer tells.',
  sends: `A validly signed event for each of: ${FORBIDDEN.join(', ')}.`,
  reads:
    'Contents of such a place in the answer: faulty. The failure of a connection in it: faulty, it was tried. Refused, or answered like any event: sound, as far as answers tell.',
  limits: 'What is fetched and not told of is not seen, nor what is fetched later.',
  examples: {
    faulty: 'HTTP/1.1 422\n\n{"error":"connect ECONNREFUSED 0.0.0.0:2"}',
    sound: 'HTTP/1.1 422\n\n{"error":"callback_url is not one of yours"}',
  },
  async run(subject, lab) {
    const answers: Answer[] = []
    for (const address of FORBIDDEN) answers.push(await plant(subject, lab, () => address))
    const shows = (pattern: RegExp): Answer | undefined =>
      answers.find((answer) => answer.ok && pattern.test(answer.body.toString('utf8')))
    const inside = shows(INSIDE)
    if (inside !== undefined)
      return faulty('The answer to an event holds what lies at a forbidden address of it.', {
        severity: 'critical',
        seen: inside,
      })
    const tried = shows(TRIED)
    if (tried !== undefined)
      return faulty(
        'The answer to an event tells how a connection to a forbidden address of it failed: it was tried.',
        {
          confidence: 'medium',
          seen: tried,
        },
      )
    if (answers.some(({ ok }) => !ok))
      return unclear(
        'An event with a forbidden address got no answer.',
        'Look at the target’s log: it may have waited for that address.',
      )
    return answers.every((answer) => answer.ok && answer.status >= 400 && answer.status < 500)
      ? sound('Events whose addresses lead to metadata, the machine itself or its files were refused.')
      : sound('No answer showed that a forbidden address was fetched.', { confidence: 'low' })
  },
}

export const payloadRedirect: WebhookProbe = {
  id: 'payload-redirect',
  title: 'A genuine event whose address becomes a redirect',
  controls: ['redirect-target-guard'],
  proves: 'Whether an address out of the request is sent back as the place to go to.',
  sends: 'A validly signed event, and a GET, with a foreign address in members and parameters with the usual names.',
  reads: 'A Location or Refresh header that leads there: faulty. None: sound.',
  limits: 'Only the answer to these requests is looked at.',
  examples: { faulty: 'HTTP/1.1 302\nlocation: https://postern-probe.example/', sound: 'HTTP/1.1 200' },
  async run(subject, lab) {
    const { kit } = subject
    const foreign = 'https://postern-probe.example/'
    const query = SENT_TO.map((name) => `${name}=${encodeURIComponent(foreign)}`).join('&')
    const { url } = kit.sender
    const answers = [
      await lab.send(kit.sign(withMembers(kit.event(), SENT_TO, () => foreign))),
      await lab.send({ method: 'GET', url: `${url}${url.includes('?') ? '&' : '?'}${query}`, headers: [] }),
    ]
    // One at a time: an address that is refused in one field would hide what becomes of another.
    for (const path of namedFields(subject)) answers.push(await lab.send(kit.sign(setAt(kit.event(), path, foreign))))
    const leads = answers.some(
      (answer) =>
        answer.ok &&
        answer.headers.some(
          ([name, value]) => /^(?:location|refresh)$/i.test(name) && value.includes('postern-probe.example'),
        ),
    )
    return leads
      ? faulty('An address out of the request becomes the Location of the answer.')
      : sound('No foreign address of the request became a redirect.', { confidence: 'medium' })
  },
}

/** Sends one event with the address in every field that may be fetched. */
async function plant(subject: WebhookSubject, lab: Lab, address: () => string): Promise<Answer> {
  return await lab.send(subject.kit.sign(planted(subject, [...FETCHED, ...SENT_TO], address)))
}

function planted(subject: WebhookSubject, usual: readonly string[], address: () => string): WebhookEvent {
  const plain = subject.kit.event()
  const withNamed = namedFields(subject).reduce<WebhookEvent>((event, path) => setAt(event, path, address()), plain)
  return withMembers(withNamed, usual, address)
}

function namedFields({ kit, urlFields }: WebhookSubject): readonly string[] {
  return urlFields.length > 0 ? urlFields : addressFields(kit.event())
}

/** Members that are not there already: to change one that is could make the event another. */
function withMembers(event: WebhookEvent, names: readonly string[], address: () => string): WebhookEvent {
  const json = jsonObject(event)
  if (json === undefined) return event
  const added = names.filter((name) => !Object.hasOwn(json, name)).map((name) => [name, address()])
  return withJson(event, { ...json, ...Object.fromEntries(added) })
}

/** Where the event holds addresses already. */
function addressFields(event: WebhookEvent): readonly string[] {
  const json = jsonObject(event)
  const paths: string[] = []
  const walk = (value: unknown, path: string): void => {
    if (paths.length >= MAX_FIELDS) return
    if (typeof value === 'string' && /^https?:\/\//.test(value)) paths.push(path)
    if (typeof value !== 'object' || value === null) return
    for (const [name, child] of Object.entries(value))
      walk(child, Array.isArray(value) ? `${path}[${name}]` : `${path}.${name}`)
  }
  walk(json, '$')
  return paths.filter((path) => isPath(path) && readAt(event, path) !== undefined)
}

function isPath(path: string): boolean {
  try {
    compileBodyPath(path)
    return true
  } catch {
    // A name that the notation cannot write.
    return false
  }
}

/** Ends early when everything that could arrive has. */
async function arrivals(lab: Lab, { limits }: WebhookSubject, traps: readonly Trap[]): Promise<void> {
  const step = 100
  for (let waited = 0; waited < limits.late_ms; waited += step) {
    if (
      traps.some((trap) => trap.redirectFollowed()) ||
      (traps.length > 1 && traps.every((trap) => trap.hits().length > 0))
    )
      return
    await lab.wait(step)
  }
}
