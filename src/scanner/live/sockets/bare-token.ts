/** The token of a credential as it would stand in an address. */
import type { Credential } from './talk.ts'

/** Undefined when it is none, such as a cookie. */
export function bareToken({ headers, init }: Pick<Credential, 'headers' | 'init'>): string | undefined {
  const authorization = headers.find(([name]) => /^authorization$/i.test(name))?.[1]
  return (/^bearer (.+)$/i.exec(authorization ?? '')?.[1] ?? Object.values(init ?? {})[0])?.trim()
}
