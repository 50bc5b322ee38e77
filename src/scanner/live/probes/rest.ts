/** The basics of ordinary operations: who may call them, whose objects they give, and what their answers tell. */
import { disclosures, hasRateLimitHeaders, headerOf, personalData } from '../disclosures.ts'
import { isForeign } from '../identity.ts'
import type { Answer } from '../lab.ts'
import { faulty, notApplicable, sound, unclear, type Verdict } from '../probe.ts'
import { askAs, givesTheSame, type RestProbe, requestOf } from '../rest/subject.ts'
import { is2xx } from '../webhook/baseline.ts'
import { pathVariants } from '../webhook/path-variants.ts'

const FOREIGN_ORIGIN = 'https://postern-probe.example'
const NO_OWNER = notApplicable('No identity was given whose request is accepted (operations[].owner).')

export const restNoCredential: RestProbe = {
  id: 'rest-no-credential',
  title: 'An operation without and with a wrong credential',
  controls: ['request-authentication', 'token-validation'],
  proves: 'Whether the operation can be called by anybody, and whether a credential is checked or only looked for.',
  sends: 'The owner’s request without its credential, and with one in which the last character differs.',
  reads: 'Refused: sound. Answered like the owner’s: faulty.',
  limits: 'Operations that the plan calls public are not asked.',
  examples: { faulty: 'GET /orders/7\nHTTP/1.1 200', sound: 'HTTP/1.1 401' },
  async run(subject, lab) {
    const { owner, operation } = subject
    if (operation.public === true) return notApplicable('The operation is meant to be public.')
    if (owner === undefined) return NO_OWNER
    const wrong = { ...owner, headers: owner.headers.map(([name, value]) => [name, changed(value)] as const) }
    return [
      refused(
        await askAs(subject, lab, undefined),
        givesTheSame.bind(undefined, subject),
        'A request without a credential',
        {
          control: 'request-authentication',
        },
      ),
      refused(
        await askAs(subject, lab, wrong),
        givesTheSame.bind(undefined, subject),
        'A request with a wrong credential',
        {
          control: 'token-validation',
        },
      ),
    ]
  },
}

export const restOtherIdentity: RestProbe = {
  id: 'rest-other-identity',
  follows: ['rest-no-credential'],
  title: 'An object asked for by somebody else',
  controls: ['object-authorization', 'tenant-binding'],
  proves: 'Whether an object is given to whoever names it.',
  sends: 'The owner’s request with the credentials of each other identity, of the same and of another tenant.',
  reads: 'Refused or not found: sound. The owner’s object: faulty, and worse across tenants.',
  limits: 'Needs two identities. An object that both may see is a fault of the plan.',
  examples: { faulty: 'bob: GET /orders/7\nHTTP/1.1 200 (the order of alice)', sound: 'HTTP/1.1 404' },
  async run(subject, lab) {
    const { owner, others, operation } = subject
    if (operation.public === true) return notApplicable('The operation is meant to be public.')
    if (owner === undefined || others.length === 0) return notApplicable('No second identity was given (identities).')
    const verdicts: Verdict[] = []
    for (const other of others) {
      const answer = await askAs(subject, lab, other)
      const foreign = isForeign(owner, other)
      const who = foreign ? 'Somebody of another tenant' : 'Another user'
      const verdict = refused(answer, givesTheSame.bind(undefined, subject), `${who} who asks for the object`, {
        severity: foreign ? 'critical' : 'high',
      })
      verdicts.push(verdict, ...(foreign ? [{ ...verdict, control: 'tenant-binding' as const }] : []))
    }
    return verdicts
  },
}

export const restMethods: RestProbe = {
  id: 'rest-methods',
  follows: ['rest-no-credential'],
  title: 'An operation by other methods and spellings',
  controls: ['request-authentication', 'route-normalisation', 'response-hardening'],
  proves:
    'Whether the guard hangs on the method or reads another path than the router, and whether any method will do.',
  sends:
    'Without a credential: POST with X-HTTP-Method-Override, and the path in other spellings. With the owner’s: TRACE.',
  reads: 'Refused, or not found: sound. Answered like the owner’s: faulty. TRACE that is answered: faulty, lightly.',
  limits: 'Only for GET, and where the plain request is refused.',
  examples: { faulty: 'GET /%6frders/7\nHTTP/1.1 200', sound: 'HTTP/1.1 401' },
  async run(subject, lab) {
    const { owner, operation, url } = subject
    if (operation.public === true || operation.method !== 'GET') return notApplicable('Only guarded GETs are asked.')
    if (owner === undefined) return NO_OWNER
    const plain = await askAs(subject, lab, undefined)
    if (givesTheSame(subject, plain))
      return unclear(
        'The plain request is not refused.',
        'Refuse requests without a credential; other methods and spellings mean something after that.',
      )
    const same = givesTheSame.bind(undefined, subject)
    const override = { method: 'POST', headers: [['X-HTTP-Method-Override', 'GET'] as const], body: Buffer.from('{}') }
    const verdicts: Verdict[] = [
      refused(await askAs(subject, lab, undefined, override), same, 'A method override without a credential', {}),
    ]
    const reached: string[] = []
    for (const { name, target } of pathVariants(url)) {
      if (same(await askAs(subject, lab, undefined, { target }))) reached.push(name)
    }
    verdicts.push(
      reached.length > 0
        ? faulty(`Without a credential the object is given at the address with ${reached.join(', ')}.`, {
            control: 'route-normalisation',
          })
        : sound('No other spelling of the address gives the object.', { control: 'route-normalisation' }),
      traced(await askAs(subject, lab, owner, { method: 'TRACE' }), same),
    )
    return verdicts
  },
}

export const restCors: RestProbe = {
  id: 'rest-cors',
  title: 'An operation asked for from another site',
  controls: ['cross-origin-policy'],
  proves: 'Whether a page of a stranger can read the answer with the visitor’s credentials.',
  sends: 'The owner’s request, and a preflight, from a foreign Origin and from the Origin null.',
  reads: 'The Origin comes back with Access-Control-Allow-Credentials: faulty. Otherwise: sound.',
  limits:
    'A wildcard without credentials is open and no theft of credentials; it is told where the operation is guarded.',
  examples: {
    faulty: 'access-control-allow-origin: https://postern-probe.example\naccess-control-allow-credentials: true',
    sound: 'no such header',
  },
  async run(subject, lab) {
    const verdicts: Verdict[] = []
    for (const origin of [FOREIGN_ORIGIN, 'null']) {
      const { headers } = requestOf(subject, subject.owner)
      const asked = await askAs(subject, lab, subject.owner, { headers: [...headers, ['Origin', origin]] })
      const preflight = await lab.send({
        method: 'OPTIONS',
        url: subject.url,
        headers: [
          ['Origin', origin],
          ['Access-Control-Request-Method', subject.operation.method],
        ],
      })
      verdicts.push(...[asked, preflight].map((answer) => crossOrigin(answer, origin)))
    }
    return verdicts
  },
}

export const restExposure: RestProbe = {
  id: 'rest-exposure',
  title: 'What an answer holds that it should not',
  controls: ['property-filtering', 'error-disclosure', 'request-rate-limit'],
  proves: 'Whether keys, personal data or the inside of the program stand in answers, and whether they name a limit.',
  sends: 'The owner’s request, one for an odd id, and one with a body that breaks off.',
  reads:
    'Keys of known kinds, card numbers that check out, names of fields such as password_hash, stack traces: faulty. Headers that name a rate limit: evidence of one.',
  limits:
    'Patterns: what looks like a key may be an example. Addresses and names of persons are not held against an answer.',
  examples: { faulty: '{"id":7,"password_hash":"$2b$…"}', sound: '{"id":7}' },
  async run(subject, lab) {
    const { accepted, owner, url } = subject
    const odd = `${url.replace(/[^/]*$/, '')}%27%22%3Cx%3E%00`
    const answers = [
      accepted.answer,
      await askAs(subject, lab, owner, { url: odd }),
      await askAs(subject, lab, owner, { method: 'POST', body: Buffer.from('{"a":') }),
    ]
    const told = [...new Set(answers.flatMap(disclosures))]
    const personal = personalData(accepted.answer)
    return [
      ...told.map((what) => faulty(`An answer shows ${what}.`, { control: 'error-disclosure' })),
      ...personal.map((what) => faulty(`The answer holds ${what}.`)),
      ...(told.length === 0
        ? [sound('Answers show no trace and no key.', { control: 'error-disclosure', confidence: 'medium' })]
        : []),
      ...(personal.length === 0
        ? [sound('The answer holds no field that is known to be secret.', { confidence: 'low' })]
        : []),
      answers.some(hasRateLimitHeaders)
        ? sound('Answers name a rate limit.', { control: 'request-rate-limit', confidence: 'medium' })
        : unclear(
            'No answer names a rate limit, which does not say that there is none.',
            'Show the limit in a manifest or in code.',
            {
              control: 'request-rate-limit',
            },
          ),
    ]
  },
}

export const restHardening: RestProbe = {
  id: 'rest-hardening',
  title: 'Cookies, transport and fingerprints of an answer',
  controls: ['response-hardening'],
  proves: 'Whether cookies carry their three attributes, TLS is insisted on, and headers name no versions.',
  sends: 'Nothing more than the owner’s request.',
  reads:
    'A cookie without HttpOnly, SameSite or (over TLS) Secure, no HSTS over TLS, a version in Server or X-Powered-By: faulty, lightly.',
  limits: 'A proxy in front may add what the application leaves out; then probe through it.',
  examples: {
    faulty: 'set-cookie: session=…\nserver: Werkzeug/3.1.3 Python/3.13',
    sound: 'set-cookie: session=…; Secure; HttpOnly; SameSite=Lax',
  },
  async run({ accepted: { answer }, url }) {
    const tls = url.startsWith('https:')
    const cookies = answer.headers.filter(([name]) => name.toLowerCase() === 'set-cookie').map(([, value]) => value)
    const verdicts = cookies.flatMap((cookie) => {
      const [name = ''] = cookie.split('=')
      const lacking = ['HttpOnly', 'SameSite', ...(tls ? ['Secure'] : [])].filter(
        (attribute) => !new RegExp(`;\\s*${attribute}\\b`, 'i').test(cookie),
      )
      return lacking.length === 0 ? [] : [faulty(`The cookie ${name.trim().slice(0, 40)} lacks ${lacking.join(', ')}.`)]
    })
    if (tls && headerOf(answer, 'strict-transport-security') === undefined)
      verdicts.push(faulty('Strict-Transport-Security is missing.'))
    const versions = ['server', 'x-powered-by', 'x-aspnet-version'].filter((name) =>
      /\d+\.\d+/.test(headerOf(answer, name) ?? ''),
    )
    if (versions.length > 0)
      verdicts.push(faulty(`The header ${versions.join(', ')} names a version.`, { severity: 'info' }))
    return verdicts.length > 0
      ? verdicts
      : sound('Cookies, transport and headers are as they should be.', { confidence: 'medium' })
  },
}

function refused(answer: Answer, same: (answer: Answer) => boolean, what: string, more: Partial<Verdict>): Verdict {
  const seen = { ...more, seen: answer }
  if (!answer.ok) return unclear(`${what} got no answer (${answer.outcome}).`, 'Run the probe again.', seen)
  if (same(answer)) return faulty(`${what} is answered like the owner’s.`, seen)
  if (answer.status >= 500)
    return unclear(`${what} makes the target answer ${answer.status}.`, 'Look at the target’s log.', seen)
  return is2xx(answer.status)
    ? sound(`${what} gets something else than the owner.`, { ...seen, confidence: 'low' })
    : sound(`${what} is refused with ${answer.status}.`, seen)
}

/** No client sends it. Answered, it repeats the credential, or says that nobody looks at the method. */
function traced(answer: Answer, same: (answer: Answer) => boolean): Verdict {
  const more = { control: 'response-hardening', seen: answer } as const
  if (answer.ok && is2xx(answer.status) && answer.body.subarray(0, 5).toString() === 'TRACE')
    return faulty('TRACE repeats the request with its credential.', { ...more, severity: 'low' })
  if (same(answer))
    return faulty('TRACE is answered like GET: any method will do.', { ...more, severity: 'low', confidence: 'medium' })
  return sound('TRACE does not give the object.', more)
}

/** Of a request of nobody, where nobody else is known. */
export function asksForCredential(answer: Extract<Answer, { ok: true }>): Verdict {
  return sound(`A request without a credential is refused with ${answer.status}.`, { seen: answer })
}

function crossOrigin(answer: Answer, origin: string): Verdict {
  const allowed = headerOf(answer, 'access-control-allow-origin')
  const credentials = headerOf(answer, 'access-control-allow-credentials') === 'true'
  const name = origin === 'null' ? 'the Origin null' : 'a foreign Origin'
  if (allowed === origin && credentials)
    return faulty(`${capital(name)} may read answers with credentials.`, { seen: answer })
  if (allowed === '*' && credentials)
    return faulty('Every Origin is named beside credentials, which browsers refuse: the list is missing.', {
      severity: 'low',
      seen: answer,
    })
  return sound(`${capital(name)} may not read answers with credentials.`, { confidence: 'medium' })
}

function changed(value: string): string {
  return value.slice(0, -1) + (value.endsWith('x') ? 'y' : 'x')
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
