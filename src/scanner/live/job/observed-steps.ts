/** What was seen of a job's other operations, so that their descriptions are compared as well. */
import type { ExaminedSurface, Observed } from '../../../catalogue/evidence.ts'
import type { KeptExchange } from '../lab.ts'
import { addressOf, observedOf } from '../observed.ts'
import type { JobTarget } from '../plan.ts'
import { jobCallbackOwner, jobCancel, jobResult, jobStatus, NAMES } from '../probes/job.ts'
import type { ProbeResult } from '../run.ts'

export function observedSteps(
  target: JobTarget,
  control: readonly KeptExchange[],
  others: readonly KeptExchange[],
  results: readonly ProbeResult[],
): NonNullable<ExaminedSurface['steps']> {
  const { status, cancel, result, callback } = target
  const steps = [
    { method: 'GET', path: status.path, probe: jobStatus.id },
    ...(result?.path === undefined ? [] : [{ method: 'GET', path: result.path, probe: jobResult.id }]),
    ...(cancel === undefined ? [] : [{ ...cancel, probe: jobCancel.id }]),
    ...(callback === undefined ? [] : [{ ...callback, probe: jobCallbackOwner.id }]),
  ]
  return steps.flatMap(({ method, path, probe }) => {
    const base = target.url.replace(/\/$/, '')
    const observed = observedOf(
      { method, url: base + path, isAt: matcherOf(base + path), authentication: askedFor(results, probe) },
      control,
      others,
    )
    // What was never asked is no operation that was seen.
    return observed.statuses === undefined
      ? []
      : [{ route: `${method} ${new URL(base).pathname.replace(/\/$/, '')}${path}`, observed }]
  })
}

/** Whether nobody gets in, as the probe that asked without a credential saw it. */
export function askedFor(results: readonly ProbeResult[], id: string): Observed['authentication'] {
  const verdicts = results.find(({ probe }) => probe.id === id)?.verdicts ?? []
  const told = verdicts.length === 1 ? verdicts[0] : verdicts.find(({ detail }) => detail.startsWith(NAMES.nobody))
  if (told?.standing === 'faulty') return 'none'
  const { seen } = told ?? {}
  return told?.standing === 'sound' && seen?.ok === true && /^40[13]$/.test(String(seen.status))
    ? 'demanded'
    : undefined
}

/** Every job has an id of its own. */
function matcherOf(template: string): (url: string) => boolean {
  const pattern = template
    .split('?')[0]
    ?.split('{id}')
    .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^/]+')
  const fits = new RegExp(`^${pattern}$`)
  return (url) => fits.test(addressOf(url))
}
