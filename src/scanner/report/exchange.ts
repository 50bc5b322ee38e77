/** The exchange that shows a live finding, and what a probe could not tell. */
import type { ProbeExchange } from '../../catalogue/evidence.ts'
import type { ReportFinding, ReportSurface } from './report-types.ts'

/** `undefined` for findings that no probe made, or that are about the absence of something. */
export function exchangeOf(surface: ReportSurface, finding: ReportFinding): ProbeExchange | undefined {
  for (const { probe, verdicts, exchanges } of surface.probes) {
    if (probe !== finding.rule) continue
    const telling = verdicts.find(
      ({ standing, control, exchange }) => standing === 'faulty' && control === finding.control && exchange !== null,
    )
    if (telling?.exchange != null) return exchanges[telling.exchange]
  }
  return undefined
}

/** One line: what was sent and how it was answered. */
export function exchangeLine({ request, response }: ProbeExchange): string {
  return `${firstLine(request)} → ${firstLine(response)}`
}

export interface Doubt {
  readonly probe: string
  readonly detail: string
  /** What would settle it. */
  readonly next: string | null
}

/** What a probe asked and could not tell, one sentence for each probe. */
export function doubts(surface: ReportSurface): readonly Doubt[] {
  return surface.probes.flatMap(({ probe, verdicts }) => {
    const unclear = verdicts.filter(({ standing }) => standing === 'unclear')
    const [first] = unclear
    if (first === undefined) return []
    const more = unclear.length > 1 ? ` (and ${unclear.length - 1} more)` : ''
    return [{ probe, detail: `${first.detail}${more}`, next: first.next }]
  })
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}
