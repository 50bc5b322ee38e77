/**
 * Counts what a command of the user's prints: a number on stdout, such as the rows of a table. Runs only when the
 * user names the command; gets the event's id in POSTERN_EVENT_ID, never in its text.
 */
import { exec } from 'node:child_process'
import { type Oracle, oracleFailed } from '../effects.ts'

const TIMEOUT_MS = 10_000

export function hookOracle(command: string, env: Readonly<Record<string, string | undefined>>): Oracle {
  return {
    kind: 'hook',
    describes: `the output of \`${command}\``,
    perEvent: command.includes('POSTERN_EVENT_ID'),
    count: async (eventId) => await run(command, { ...env, POSTERN_EVENT_ID: eventId }),
    async close() {},
  }
}

async function run(command: string, env: NodeJS.ProcessEnv): Promise<number> {
  const printed = await new Promise<string>((resolve, reject) => {
    exec(command, { env, timeout: TIMEOUT_MS, maxBuffer: 64 * 1_024 }, (error, stdout) => {
      if (error === null) resolve(stdout)
      else reject(oracleFailed(`the hook ended with ${error.code ?? error.signal ?? 'an error'}`, error))
    })
  })
  if (!/^\s*\d{1,9}\s*$/.test(printed)) throw oracleFailed('the hook printed something else than one number')
  return Number(printed)
}
