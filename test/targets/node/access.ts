/** Who is asking: people of two accounts, and sessions that end. */
import { randomBytes } from 'node:crypto'
import { type Answer, type Call, fault, Refused } from './twin.ts'

const SESSION_SECONDS = 900

interface Person {
  readonly account: string
  role: string
}

const people: Readonly<Record<string, Person>> = {
  alice: { account: 'acct_a', role: 'admin' },
  amy: { account: 'acct_a', role: 'member' },
  bob: { account: 'acct_b', role: 'admin' },
}
const sessions = new Map<string, { readonly name: string; readonly ends: number; readonly csrf: string }>()

export interface Principal {
  readonly name: string
  readonly account: string
  readonly role: string
  /** Undefined for the anybody of a target that asks for nothing. */
  readonly token: string | undefined
}

export const ANYBODY: Principal = { name: 'anybody', account: 'acct_a', role: 'admin', token: undefined }

/** POST /login {user, password, seconds?}: how long the session shall last; below zero it has ended, for those who try it. */
export function login(call: Call): Answer {
  const { user, password, seconds = SESSION_SECONDS } = call.json()
  if (typeof user !== 'string' || !Object.hasOwn(people, user) || password !== `pw-${user}`) {
    throw new Refused(401, 'who are you?')
  }
  const token = randomBytes(24).toString('base64url')
  const csrf = randomBytes(24).toString('base64url')
  sessions.set(token, { name: user, ends: Date.now() + Number(seconds) * 1000, csrf })
  const flags = fault('cookie-flags') ? '' : '; HttpOnly; Secure; SameSite=Strict'
  return {
    status: 200,
    value: { token, csrf },
    headers: [
      ['set-cookie', `session=${token}; Path=/${flags}`],
      ['cache-control', 'no-store'],
    ],
  }
}

export function logout(call: Call): Answer {
  sessions.delete(requirePrincipal(call).token ?? '')
  return { status: 200, value: { status: 'bye' } }
}

/** POST /_role {user, role}: not a route of the service but the tests' hand on its database. */
export function setRole(call: Call): Answer {
  const { user, role } = call.json()
  const person = people[String(user)]
  if (person !== undefined) person.role = String(role)
  return { status: 200, value: {} }
}

export function principalOf(token: string | undefined, options: { evenIfEnded?: boolean } = {}): Principal | undefined {
  const session = token === undefined ? undefined : sessions.get(token)
  const person = session === undefined ? undefined : people[session.name]
  if (session === undefined || person === undefined) return undefined
  if (Date.now() >= session.ends && options.evenIfEnded !== true) return undefined
  return { name: session.name, account: person.account, role: person.role, token }
}

/** What a page of ours was given beside its cookie, and no other page can read. */
export function isCsrfToken(session: string, given: string | undefined): boolean {
  return sessions.get(session)?.csrf === given
}

export function bearerOf(header: string | undefined): string | undefined {
  return /^bearer (.+)$/i.exec(header ?? '')?.[1]
}

export function principalIn(call: Call): Principal | undefined {
  return principalOf(bearerOf(call.first('authorization')))
}

export function requirePrincipal(call: Call): Principal {
  const principal = principalIn(call)
  if (principal === undefined) throw new Refused(401, 'sign in first')
  return principal
}
