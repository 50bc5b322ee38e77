/** Event streams: who may listen, to whose events, for how long, and who may keep what was sent. */
import type { Lab } from '../../lab.ts'
import { faulty, notApplicable, sound, unclear, type Verdict } from '../../probe.ts'
import { bareToken } from '../bare-token.ts'
import { byItself, bySigningOut, type SessionEnd } from '../session-end.ts'
import { NEEDS_OTHER, withHeader } from '../socket-subject.ts'
import { listenTo, type StreamProbe, type StreamSubject, streamVerdict } from '../stream-subject.ts'
import { NO_CREDENTIAL } from '../talk.ts'
import { worst } from '../worst.ts'

export const streamNoCredential: StreamProbe = {
  id: 'stream-no-credential',
  title: 'A stream opened by nobody',
  controls: ['handshake-authentication'],
  proves: 'Whether a stranger who knows the address hears what is meant for users.',
  sends: 'A request for the stream without any credential.',
  reads: 'Refused, or nothing of the owner arrives: sound. Events arrive: faulty.',
  limits:
    'Without `shows:` in the plan any event counts, so a stream of news for everybody looks faulty: declare it public.',
  examples: { faulty: 'HTTP/1.1 200, data: {"account":"acct_a"}', sound: 'HTTP/1.1 401' },
  async run(subject, lab) {
    const streamed = await listenTo(subject, lab, { credential: NO_CREDENTIAL })
    return streamVerdict(streamed, 'A client without a credential', 'whoever knows the address listens')
  },
}

export const streamExpired: StreamProbe = {
  id: 'stream-expired-credential',
  follows: ['stream-no-credential'],
  title: 'A stream opened with a session that has ended',
  controls: ['token-validation'],
  proves: 'Whether the stream looks at more than the form of a token.',
  sends: 'A request for the stream with the expired credential of the plan.',
  reads: 'Refused: sound. Events arrive: faulty.',
  limits: 'Needs `expired:` in the plan.',
  examples: { faulty: 'HTTP/1.1 200, data: …', sound: 'HTTP/1.1 401' },
  async run(subject, lab) {
    if (subject.expired === undefined)
      return unclear('No expired credential was at hand.', 'Give the plan one: expired: {headers: …}.')
    const streamed = await listenTo(subject, lab, { credential: subject.expired })
    return streamVerdict(streamed, 'A client whose session has ended', 'a token is good for ever')
  },
}

const QUERY_NAMES = ['token', 'access_token'] as const

export const streamQueryToken: StreamProbe = {
  id: 'stream-query-token',
  follows: ['stream-no-credential'],
  title: 'The token in the address of a stream',
  controls: ['token-not-in-url'],
  proves: 'Whether a long-lived token may travel where logs, histories and referrers keep it.',
  sends: `The owner’s token as a parameter of the address (${QUERY_NAMES.join(', ')}) and nowhere else.`,
  reads: 'Refused: sound. Events arrive: faulty.',
  limits:
    'A ticket of seconds in the address is no fault. EventSource in browsers sends no headers, so a cookie or a ticket is the way.',
  examples: { faulty: 'GET /stream?token=…: 200, data: …', sound: 'HTTP/1.1 401' },
  async run(subject, lab) {
    const token = bareToken(subject.owner)
    if (token === undefined) return notApplicable('The owner’s credential is no token that could stand in an address.')
    const verdicts: Verdict[] = []
    for (const name of QUERY_NAMES) {
      const streamed = await listenTo(subject, lab, { credential: { ...NO_CREDENTIAL, query: { [name]: token } } })
      const what = `A client with its token in the address (${name})`
      verdicts.push(streamVerdict(streamed, what, 'logs and browser histories along the way keep the token'))
    }
    return worst(verdicts)
  },
}

export const streamForeignPage: StreamProbe = {
  id: 'stream-foreign-page',
  follows: ['stream-no-credential'],
  title: 'A stream that another site’s page may read',
  controls: ['origin-allowlist'],
  proves: 'Whether the answer lets a page elsewhere read the stream with the visitor’s cookie.',
  sends: 'A right request with the Origin of another site, and with Origin: null.',
  reads:
    'Refused, or no Access-Control-Allow-Origin for that page with credentials: sound. Allowed with credentials: faulty.',
  limits:
    'Browsers enforce it; a program can always send what it likes. Without `page:` in the plan no cookie opens the stream, so a fault is of low severity then.',
  examples: {
    faulty: 'Access-Control-Allow-Origin: https://elsewhere.example, Access-Control-Allow-Credentials: true',
    sound: 'no Access-Control-Allow-Origin',
  },
  async run(subject, lab) {
    const verdicts: Verdict[] = []
    for (const origin of ['https://elsewhere.example', 'null']) {
      const { stream, reception, detail } = await listenTo(subject, lab, {
        credential: withHeader(subject.page ?? subject.owner, 'Origin', origin),
      })
      if (stream === undefined) verdicts.push(unclear(`It could not be tried: ${detail}.`, 'Run the probe again.'))
      else
        verdicts.push(
          pageVerdict(stream, { origin, isRefused: reception === 'refused', byCookie: subject.page !== undefined }),
        )
    }
    return worst(verdicts)
  },
}

function pageVerdict(
  { headers, status }: NonNullable<Awaited<ReturnType<typeof listenTo>>['stream']>,
  { origin, isRefused, byCookie }: { origin: string; isRefused: boolean; byCookie: boolean },
): Verdict {
  const of = (wanted: string) => headers.find(([name]) => name.toLowerCase() === wanted)?.[1]
  if (isRefused) return sound(`A page of another site was refused (status ${status}).`)
  const isAllowed = of('access-control-allow-origin') === origin && of('access-control-allow-credentials') === 'true'
  if (!isAllowed) return sound('A page of another site may not read the stream.')
  return byCookie
    ? faulty('A page of another site may read the stream with the cookie of whoever visits it.')
    : faulty('A page of another site may read the stream, if ever a cookie opens it.', { severity: 'low' })
}

export const streamFilter: StreamProbe = {
  id: 'stream-filter-binding',
  title: 'A user who asks for somebody else’s events',
  controls: ['subscription-binding', 'tenant-binding'],
  proves: 'Whether the stream is bound to its listener, or to what the address says.',
  sends: 'As the second identity: the address and filter of the owner.',
  reads: 'Refused, or nothing of the owner arrives: sound. The owner’s events arrive: faulty.',
  limits: 'Needs a second identity, and {{values}} in the address, the filter or shows.',
  examples: { faulty: 'as bob: GET /stream?account=acct_a → data: {"account":"acct_a"}', sound: 'HTTP/1.1 403' },
  async run(subject, lab) {
    const { owner, other, target } = subject
    if (other === undefined) return unclear('Only one identity was at hand.', NEEDS_OTHER)
    if (target.shows === undefined && target.filter === undefined && !/%7B|\{/i.test(target.url))
      return unclear('Nothing tells whose events are whose.', 'Give the plan filter: and shows:.')
    const own = await listenTo(subject, lab, { credential: other, named: other })
    if (own.reception !== 'streaming' && !lab.dry)
      return unclear(
        `${other.name} does not hear its own events (${own.detail}).`,
        'Correct the values of this identity.',
      )
    const streamed = await listenTo(subject, lab, { credential: other, named: owner })
    const controls = owner.tenant === other.tenant ? (['subscription-binding'] as const) : this.controls
    const verdict = streamVerdict(
      streamed,
      'A user who named somebody else’s filter',
      'the filter of the address decides who hears what',
    )
    return controls.map((control) => ({ ...verdict, control }))
  },
}

export const streamCaching: StreamProbe = {
  id: 'stream-cache-headers',
  title: 'What caches may do with a stream',
  controls: ['stream-cache-control'],
  proves: 'Whether a proxy or browser may keep the stream and serve it to somebody else.',
  sends: 'A right request for the stream.',
  reads: 'Cache-Control: no-store (or private with no-cache): sound. Anything else, or nothing: faulty.',
  limits: 'What a cache in front does is not seen from behind it.',
  examples: { faulty: 'Cache-Control: public, max-age=60', sound: 'Cache-Control: no-store' },
  async run(subject, lab) {
    const { stream, detail } = await listenTo(subject, lab, { credential: subject.owner })
    if (stream === undefined) return unclear(`It could not be tried: ${detail}.`, 'Run the probe again.')
    const caching = stream.headers.find(([name]) => /^cache-control$/i.test(name))?.[1] ?? ''
    if (/\bno-store\b/i.test(caching)) return sound('The stream must not be stored.')
    if (/\bprivate\b/i.test(caching) && /\bno-cache\b/i.test(caching))
      return sound('Only the listener’s own browser may keep the stream.', { confidence: 'medium' })
    return faulty(caching === '' ? 'The stream says nothing about caches.' : 'The stream may be stored by caches.')
  },
}

export const streamLogout: StreamProbe = {
  id: 'stream-logout',
  follows: ['stream-no-credential'],
  title: 'A stream whose user has signed out',
  controls: ['session-termination'],
  proves: 'Whether signing out, or a revocation, reaches streams that are open already, and how soon.',
  sends: 'A stream is opened; then the sign-out of the plan is sent; then the stream is watched.',
  reads: 'It ends within the time of the plan: sound. Events still arrive: faulty.',
  limits: 'Needs logout: in the plan. A stream that is open and silent cannot be judged.',
  examples: { faulty: 'signed out, and data: … goes on', sound: 'the stream ends' },
  async run(subject, lab) {
    const ending = bySigningOut(subject, lab)
    return 'standing' in ending ? ending : await outlive(subject, lab, ending)
  },
}

export const streamSessionEnd: StreamProbe = {
  id: 'stream-session-end',
  follows: ['stream-no-credential'],
  title: 'A stream whose session ended by itself',
  controls: ['session-revalidation'],
  proves: 'Whether an open stream outlives the session it was opened with.',
  sends: 'A stream is opened with a session that ends soon, and watched until after that.',
  reads: 'It ends: sound. Events still arrive: faulty.',
  limits: 'Needs expiring: in the plan. A stream that is open and silent cannot be judged.',
  examples: { faulty: 'the token has ended, and data: … goes on', sound: 'the stream ends' },
  async run(subject, lab) {
    const ending = byItself(subject)
    return 'standing' in ending ? ending : await outlive(subject, lab, ending)
  },
}

async function outlive(
  subject: StreamSubject,
  lab: Lab,
  { identity, withinSeconds, end }: SessionEnd,
): Promise<Verdict> {
  const { stream, reception, detail } = await listenTo(subject, lab, {
    credential: identity,
    named: identity,
    stay: true,
  })
  if (lab.dry) return sound((await end()) ?? '')
  if (stream === undefined || reception !== 'streaming')
    return unclear(
      `${identity.name} hears nothing before its session ends (${detail}).`,
      'Correct the values of this identity.',
    )
  try {
    const problem = await end()
    if (problem !== undefined)
      return unclear(`The session could not be ended: ${problem}.`, 'Correct logout: in the plan.')
    await stream.heard(() => false, withinSeconds * 1_000)
    lab.budget.check()
    if (stream.ended) return sound('The stream ended soon after its session.')
    const before = stream.text.length
    await stream.heard((text) => text.length > before, subject.quiet.ms)
    if (stream.text.length > before)
      return faulty(`Events still arrived ${withinSeconds} s after the session had ended.`)
    return unclear(
      'The stream was left open and silent after its session ended.',
      'Make something happen that it would tell.',
    )
  } finally {
    stream.close()
  }
}
