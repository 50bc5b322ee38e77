/** TXT records of a name: what somebody who controls a domain can say about it without running a server. */
import { Resolver } from 'node:dns/promises'

export type TxtLookup = (hostname: string) => Promise<readonly string[]>

/** Two seconds, twice: an absent resolver must not be waited for as long as the system would. */
const PATIENCE = { timeout: 2_000, tries: 2 }

/** Every record as one text; an error of any kind is no record. */
export const systemTxtLookup: TxtLookup = async (hostname) => {
  try {
    const records = await new Resolver(PATIENCE).resolveTxt(hostname)
    return records.map((parts) => parts.join(''))
  } catch {
    return []
  }
}
