import type { CommandContext, ExitCode } from '../context.ts'
import { reviewManifests } from '../review-manifests.ts'
import { EXAMINED, isFolder, refuseOtherTargets } from '../scan-target.ts'

/** 0 nothing to object · 1 findings · 2 a target or the configuration is wrong · 3 failed · 4 too little to decide. */
export async function scan(
  context: CommandContext,
  targets: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  if (options['as'] === undefined) {
    await refuseOtherTargets(targets)
    // A folder of code with one good manifest in it must not read as "the code is good".
    const folders = await Promise.all(targets.map(isFolder))
    if (folders.includes(true) && options['quiet'] !== true)
      context.stderr.write(`Examined: ${EXAMINED}. Nothing else in a folder was looked at.\n`)
  }
  return await reviewManifests(context, targets, options)
}
