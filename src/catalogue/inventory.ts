/** Whether there is enough of an inventory to judge a surface at all. */
import { controlOf } from './catalogue.ts'
import type { Evidence, ExaminedSurface } from './evidence.ts'
import type { Finding } from './finding.ts'
import { type ControlVerdict, judgement, type Missing } from './judge.ts'
import { resolveEvidence } from './resolve.ts'
import { SURFACE_STYLES, type SurfaceStyle } from './surfaces.ts'

export interface InventoryJudged {
  readonly evaluable: boolean
  readonly verdict: ControlVerdict
  readonly findings: readonly Finding[]
  readonly missing: readonly Missing[]
  readonly residualRisk: readonly string[]
}

/**
 * A record that names its surface by route is itself the least of inventories, so a missing inventory source is
 * only residual risk; one that says it has none, or names artefacts it lacks, cannot be judged.
 */
export function judgeInventory(surface: ExaminedSurface, evidence: readonly Evidence[]): InventoryJudged {
  const control = controlOf('surface-inventory')
  const resolution = resolveEvidence(control, evidence)
  const denied = resolution.state === 'unsafe' || resolution.state === 'absent'
  const unnamed = resolution.state === 'unknown' && surface.route === undefined
  const artefacts =
    surface.missingArtifacts.length > 0 || !(denied || unnamed) ? surface.missingArtifacts : inventoryOf(surface.style)
  const evaluable = !denied && !unnamed && surface.missingArtifacts.length === 0
  const { verdict } = judgement({ control, need: 'decisive', undecided: [] }, resolution, evaluable ? 'met' : 'missing')
  const [piece] = resolution.by
  const location = piece?.location ?? surface.location
  return {
    evaluable,
    verdict,
    findings: evaluable
      ? []
      : [
          {
            kind: 'inventory',
            rule: control.id,
            control: control.id,
            gates: ['API-RT-01'],
            severity: 'info',
            confidence: 'high',
            message: `Nothing can be decided without ${artefacts.join(', ')}.`,
            ...(location === undefined ? {} : { location }),
            trace: [],
          },
        ],
    missing: evaluable ? [] : artefacts.map((artefact) => ({ control: control.id, artefact })),
    residualRisk:
      resolution.state === 'unknown' && evaluable
        ? ['No inventory source is named; the record itself is taken for it.']
        : [],
  }
}

function inventoryOf(style: SurfaceStyle): readonly string[] {
  return SURFACE_STYLES[style].inventory.slice(0, 1)
}
