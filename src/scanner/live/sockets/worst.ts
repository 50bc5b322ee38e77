import { sound, type Verdict } from '../probe.ts'

/** Several spellings of one attack are one finding. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  const order = ['faulty', 'unclear', 'sound', 'not-applicable'] as const
  const [first] = order.flatMap((standing) => verdicts.find((verdict) => verdict.standing === standing) ?? [])
  return first ?? sound('Nothing was tried.')
}
