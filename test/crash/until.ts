import { setTimeout as sleep } from 'node:timers/promises'

/** A test that is ended by its time-out leaves its processes and mounts behind; a wait that throws lets its scope clean up. */
const DEADLINE_MS = 90_000

/** @throws Error naming what never came. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + DEADLINE_MS; !(await holds()); await sleep(20))
    if (Date.now() > deadline) throw new Error(`never came: ${what}`)
}
