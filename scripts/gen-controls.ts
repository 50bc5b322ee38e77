/** docs/controls/: a page for each control and an index, and the schemas of manifests and reports, from the catalogue. */
import { CONTROLS } from '../src/catalogue/catalogue.ts'
import { controlIndex, controlPage } from '../src/catalogue/explain.ts'
import { manifestSchema } from '../src/scanner/manifest/manifest-schema.ts'
import { reportSchema } from '../src/scanner/report/report-schema.ts'

export function generatedControls(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/controls/README.md', controlIndex()],
    ...CONTROLS.map((control): [string, string] => [`docs/controls/${control.id}.md`, controlPage(control)]),
    ['docs/schemas/manifest.schema.json', `${JSON.stringify(manifestSchema(), null, 2)}\n`],
    ['docs/schemas/report.schema.json', `${JSON.stringify(reportSchema(), null, 2)}\n`],
  ])
}
