/** Reads the people of a channel's plan: their secrets resolved, and who is the owner and who somebody else. */
import { PosternError } from '../../../base/model/errors.ts'
import { type LiveContext, resolveHeaders } from '../context.ts'
import { bareToken } from './bare-token.ts'
import type { SocketTarget, StreamTarget } from './channel-plan.ts'
import type { Credential } from './talk.ts'

export interface Identity extends Credential {
  readonly name: string
  readonly tenant: string | undefined
  readonly values: Readonly<Record<string, string>>
}

/** How a browser connects. */
export interface Page extends Credential {
  readonly origin: string
}

export interface People {
  readonly owner: Identity
  readonly other: Identity | undefined
  readonly identities: readonly Identity[]
  readonly page: Page | undefined
  readonly expired: Credential | undefined
  /** Headers of the sign-out, where the plan gives it some of its own. */
  readonly signOutHeaders: Credential['headers'] | undefined
  /** What must not be written into the report. */
  readonly secrets: readonly string[]
}

type Target = Pick<SocketTarget | StreamTarget, 'url' | 'identities' | 'page' | 'expired' | 'logout' | 'expiring'>
type Written = Partial<Record<'headers' | 'query' | 'init', Readonly<Record<string, string>> | undefined>>

/** @throws PosternError `VALIDATION_ERROR`: who is missing from the plan, or named and not there. */
export async function readPeople(target: Target, context: Pick<LiveContext, 'secretOf'>): Promise<People> {
  const identities: Identity[] = []
  for (const [name, { tenant, values, ...written }] of Object.entries(target.identities))
    identities.push({ name, tenant, values, ...(await credentialOf(written, context)) })
  const { logout, expiring } = target
  const leaving = [logout?.identity, expiring?.identity].filter((name) => name !== undefined)
  const [owner, ...others] = identities.filter(({ name }) => !leaving.includes(name))
  if (owner === undefined)
    throw invalid(`No identity is left to probe ${target.url} with: name one that neither logout nor expiring ends.`)
  for (const name of leaving)
    if (!identities.some((identity) => identity.name === name))
      throw invalid(`There is no identity ${name} in the plan.`)
  if (logout !== undefined && new URL(logout.url).host !== new URL(target.url).host)
    throw invalid(`logout.url must be on ${new URL(target.url).host}, as consent is given for one host.`)
  const page =
    target.page === undefined
      ? undefined
      : { ...(await credentialOf(target.page, context)), origin: target.page.origin }
  const expired = target.expired === undefined ? undefined : await credentialOf(target.expired, context)
  const signOutHeaders = logout?.headers === undefined ? undefined : await resolveHeaders(logout.headers, context)
  return {
    owner,
    other: others.find(({ tenant }) => tenant !== owner.tenant) ?? others[0],
    identities,
    page,
    expired,
    signOutHeaders,
    secrets: [...identities, page, expired]
      .flatMap((credential) => (credential === undefined ? [] : secretsOf(credential)))
      .concat((signOutHeaders ?? []).map(([, value]) => value)),
  }
}

async function credentialOf(
  { headers = {}, query = {}, init }: Written,
  context: Pick<LiveContext, 'secretOf'>,
): Promise<Credential> {
  return {
    headers: await resolveHeaders(headers, context),
    query: await resolveValues(query, context),
    init: init === undefined ? undefined : await resolveValues(init, context),
  }
}

async function resolveValues(
  values: Readonly<Record<string, string>>,
  context: Pick<LiveContext, 'secretOf'>,
): Promise<Readonly<Record<string, string>>> {
  return Object.fromEntries(await resolveHeaders(values, context))
}

function secretsOf(credential: Credential): readonly string[] {
  const token = bareToken(credential)
  return [
    ...credential.headers.map(([, value]) => value),
    ...Object.values(credential.query),
    ...Object.values(credential.init ?? {}),
    ...(token === undefined ? [] : [token]),
  ]
}

function invalid(detail: string): PosternError {
  return new PosternError('VALIDATION_ERROR', detail)
}
