/** Ends a session over HTTP, as the plan says. */
import type { HeaderList } from '../../../base/model/event.ts'
import type { Lab } from '../lab.ts'
import type { SocketTarget } from './channel-plan.ts'

type Logout = NonNullable<SocketTarget['logout']>

/** @returns What went wrong, in words. */
export async function signOut(
  lab: Lab,
  { method, url, body }: Logout,
  headers: HeaderList,
): Promise<string | undefined> {
  const bytes = body === undefined ? {} : { body: Buffer.from(body) }
  const answer = await lab.send({ method, url, headers, ...bytes })
  if (!answer.ok) return `it was not answered (${answer.outcome})`
  return answer.status < 400 ? undefined : `it was answered ${answer.status}`
}
