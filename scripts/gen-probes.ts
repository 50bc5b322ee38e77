/** docs/probes/: a page for each probe of the live scanner, an index, and the schema of probe plans. */
import { planJsonSchema } from '../src/scanner/live/plan.ts'
import { probeIndex, probePage } from '../src/scanner/live/probes/page.ts'
import { PROBES } from '../src/scanner/live/probes/registry.ts'

export function probePages(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/probes/README.md', probeIndex()],
    ...PROBES.map((probe): [string, string] => [
      `docs/probes/${probe.id}.md`,
      probePage(probe, { controls: '../controls' }),
    ]),
    ['docs/schemas/probe-plan.schema.json', `${JSON.stringify(planJsonSchema(), null, 2)}\n`],
  ])
}
