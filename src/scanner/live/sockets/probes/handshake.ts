/** Who may open the socket: nobody, yesterday's session, a token in the address, another site's page. */
import type { Lab } from '../../lab.ts'
import { notApplicable, unclear, type Verdict } from '../../probe.ts'
import { bareToken } from '../bare-token.ts'
import type { Page } from '../identities.ts'
import { askByPolling } from '../polling.ts'
import {
  askAs,
  type Received,
  refusalVerdict,
  type SocketProbe,
  type SocketSubject,
  withHeader,
} from '../socket-subject.ts'
import { NO_CREDENTIAL } from '../talk.ts'
import { worst } from '../worst.ts'

export const noCredential: SocketProbe = {
  id: 'socket-no-credential',
  title: 'A socket opened by nobody',
  controls: ['handshake-authentication'],
  proves: 'Whether a stranger who knows the address gets what is meant for users.',
  sends:
    'A handshake without any credential, and then the question that a user may ask; with socket.io over long polling as well.',
  reads: 'Refused, closed, or left without an answer: sound. Answered as a user is: faulty.',
  limits: 'A socket that answers strangers other questions than the one in the plan is not noticed.',
  examples: { faulty: '101, then {"type":"order","id":"1"}', sound: 'HTTP/1.1 401' },
  async run(subject, lab) {
    const so = 'whoever knows the address reads what is meant for users'
    const severity = 'critical'
    const received = await askAs(subject, lab, NO_CREDENTIAL)
    const verdict = refusalVerdict(received, { what: 'A client without a credential', so, severity })
    if (subject.target.protocol !== 'socket.io') return verdict
    const polled = await askByPolling(subject, lab, NO_CREDENTIAL)
    return [verdict, refusalVerdict(polled, { what: 'A client without a credential that polls', so, severity })]
  },
}

export const expiredCredential: SocketProbe = {
  id: 'socket-expired-credential',
  follows: ['socket-no-credential'],
  title: 'A socket opened with a session that has ended',
  controls: ['token-validation'],
  proves: 'Whether the handshake looks at more than the form of a token.',
  sends: 'A handshake with the expired credential of the plan, then the question.',
  reads: 'Refused or unanswered: sound. Answered: faulty.',
  limits: 'Needs `expired:` in the plan; audience, issuer and algorithm are not varied.',
  examples: { faulty: '101, then {"type":"order"}', sound: 'HTTP/1.1 401' },
  async run(subject, lab) {
    if (subject.expired === undefined)
      return unclear('No expired credential was at hand.', 'Give the plan one: expired: {headers: …}.')
    return refusalVerdict(await askAs(subject, lab, subject.expired), {
      what: 'A client whose session has ended',
      so: 'a token is good for ever',
    })
  },
}

const QUERY_NAMES = ['token', 'access_token'] as const

export const queryToken: SocketProbe = {
  id: 'socket-query-token',
  follows: ['socket-no-credential'],
  title: 'The token in the address',
  controls: ['token-not-in-url'],
  proves: 'Whether a long-lived token may travel where logs, histories and referrers keep it.',
  sends: `The owner’s token as a parameter of the address (${QUERY_NAMES.join(', ')}) and nowhere else, then the question.`,
  reads: 'Refused or unanswered: sound. Answered: faulty.',
  limits: 'Tries the two usual names, and those of the plan; a ticket of seconds in the address is no fault.',
  examples: { faulty: 'GET /ws?token=…: 101 and an answer', sound: 'HTTP/1.1 401' },
  async run(subject, lab) {
    const token = bareToken(subject.owner)
    if (token === undefined) return notApplicable('The owner’s credential is no token that could stand in an address.')
    const verdicts: Verdict[] = []
    for (const name of QUERY_NAMES) {
      const received = await askAs(subject, lab, { ...NO_CREDENTIAL, query: { [name]: token } })
      verdicts.push(
        refusalVerdict(received, {
          what: `A client with its token in the address (${name})`,
          so: 'logs and browser histories along the way keep the token',
        }),
      )
    }
    return worst(verdicts)
  },
}

export const foreignOrigin: SocketProbe = {
  id: 'socket-foreign-origin',
  follows: ['socket-no-credential'],
  title: 'A socket opened from another site’s page',
  controls: ['origin-allowlist'],
  proves: 'Whether a page elsewhere may open the socket in a visitor’s name (cross-site WebSocket hijacking).',
  sends:
    'Everything a right handshake has, with the Origin of another site, of a sandboxed page (null), and of a host that only looks like the right one.',
  reads: 'All refused: sound. One answered: faulty, and worse where a cookie authenticates.',
  limits:
    'Without `page:` in the plan the owner’s own credential is sent along; a page elsewhere could only do so with a cookie, so a fault is of low severity then.',
  examples: { faulty: 'Origin: https://elsewhere.example: 101 and an answer', sound: 'HTTP/1.1 403' },
  async run(subject, lab) {
    const { page } = subject
    if (page !== undefined && !(await isLetIn(subject, lab, page))) return PAGE_REFUSED
    const verdicts: Verdict[] = []
    for (const [what, origin] of foreignOrigins(page)) {
      const received = await askAs(subject, lab, withHeader(page ?? subject.owner, 'Origin', origin))
      verdicts.push(
        refusalVerdict(received, {
          what: `A page of ${what}`,
          so: page === undefined ? 'the Origin is not looked at' : 'it acts in the name of whoever visits it',
          severity: page === undefined ? 'low' : 'high',
        }),
      )
    }
    return verdicts
  },
}

function foreignOrigins(page: Page | undefined): readonly (readonly [string, string])[] {
  const own = page === undefined ? undefined : new URL(page.origin).hostname
  return [
    ['another site', 'https://elsewhere.example'],
    ['no site (Origin: null)', 'null'],
    ...(own === undefined
      ? []
      : ([
          ['a host that begins like the right one', `https://${own}.elsewhere.example`],
          ['a host that ends like the right one', `https://not${own}`],
        ] as const)),
  ]
}

export const cookieOnly: SocketProbe = {
  id: 'socket-cookie-only',
  follows: ['socket-no-credential'],
  title: 'A socket opened with nothing but the cookie',
  controls: ['handshake-csrf'],
  proves: 'Whether the cookie, which the browser adds to every handshake, is proof enough.',
  sends: 'The cookie and the right Origin without the page’s cross-site token; and the cookie without any Origin.',
  reads: 'Refused or unanswered: sound. Answered: faulty.',
  limits: 'Needs `page:` in the plan. A cookie with SameSite=Strict weakens the attack; it is not looked at here.',
  examples: { faulty: 'Cookie and Origin, no token: 101 and an answer', sound: 'HTTP/1.1 401' },
  async run(subject, lab) {
    const { page } = subject
    if (page === undefined) return notApplicable('The plan names no page, so no cookie authenticates.')
    if (!(await isLetIn(subject, lab, page))) return PAGE_REFUSED
    const bare = { ...page, query: {} }
    const withOrigin = await askAs(subject, lab, withHeader(bare, 'Origin', page.origin))
    const withoutOrigin = await askAs(subject, lab, bare)
    return [
      cookieVerdict(withOrigin, 'A client with the cookie and the right Origin, but no cross-site token'),
      cookieVerdict(withoutOrigin, 'A client with the cookie and no Origin'),
    ]
  },
}

function cookieVerdict(received: Received, what: string): Verdict {
  return refusalVerdict(received, { what, so: 'the cookie alone opens the socket' })
}

const PAGE_REFUSED = unclear(
  'The right page itself was not let in.',
  'Correct page: in the plan; its cookie may have ended.',
)

async function isLetIn(subject: SocketSubject, lab: Lab, page: Page): Promise<boolean> {
  return (await askAs(subject, lab, withHeader(page, 'Origin', page.origin))).reception === 'granted' || lab.dry
}
