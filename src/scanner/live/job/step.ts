/**
 * What only the operator of a target can do: take a role away and give it back, move its clock. A request to the
 * target, or a command of the user's, which runs only because the plan names it.
 */
import { exec } from 'node:child_process'
import type { HeaderList } from '../../../base/model/event.ts'
import { type LiveContext, resolveHeaders } from '../context.ts'
import type { Lab } from '../lab.ts'
import type { StepPlan } from '../plan.ts'

export interface Step {
  readonly secrets: readonly string[]
  /** @returns What went wrong, in words. */
  run(lab: Lab, seconds?: number): Promise<string | undefined>
}

const COMMAND_MS = 30_000

/** @param base The address of the target. */
export async function readStep(
  { method, path, headers = {}, body, command = '' }: StepPlan,
  base: string,
  context: Pick<LiveContext, 'secretOf' | 'env'>,
): Promise<Step> {
  const resolved = await resolveHeaders(headers, context)
  return {
    secrets: resolved.map(([, value]) => value),
    async run(lab, seconds = 0) {
      const fill = (text: string) => text.replaceAll('{seconds}', String(seconds))
      if (path !== undefined) {
        const bytes = body === undefined ? {} : { body: Buffer.from(fill(body)) }
        return await send(lab, { method, url: base.replace(/\/$/, '') + fill(path), headers: resolved, ...bytes })
      }
      lab.keep(command, '')
      return lab.dry ? undefined : await execute(command, { ...context.env, POSTERN_SECONDS: String(seconds) })
    },
  }
}

async function send(
  lab: Lab,
  request: { readonly method: string; readonly url: string; readonly headers: HeaderList; readonly body?: Buffer },
): Promise<string | undefined> {
  const answer = await lab.send(request)
  if (!answer.ok) return `it was not answered (${answer.outcome})`
  return answer.status < 400 ? undefined : `it was answered ${answer.status}`
}

async function execute(command: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  return await new Promise((resolve) => {
    exec(command, { env, timeout: COMMAND_MS, maxBuffer: 64 * 1_024 }, (error) =>
      resolve(error === null ? undefined : `the command ended with ${error.code ?? error.signal ?? 'an error'}`),
    )
  })
}
