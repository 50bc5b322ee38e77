/**
 * The catalogue: what "secure" means for a back gate, as data.
 *
 * One list of controls joins the gateway (which does them), the examiners (which look for them), the manifests
 * (which claim them) and the reports. Pure data and pure functions: nothing here reads a file or the clock.
 * Raise the version when a decision can come out differently for the same evidence.
 */
import type { ControlDefinition } from './control.ts'
import { handshakeControls, messageControls, sessionControls } from './controls/channel.ts'
import { jobControls } from './controls/job.ts'
import { operationControls } from './controls/operation.ts'
import { outboundControls } from './controls/outbound.ts'
import { llmControls, requestControls } from './controls/request.ts'
import { inventoryControls, loggingControls, reviewControls } from './controls/review.ts'
import { webhookControls } from './controls/webhook.ts'

export const CATALOGUE_VERSION = '1.0.0'

const definitions = [
  ...inventoryControls,
  ...handshakeControls,
  ...sessionControls,
  ...messageControls,
  ...webhookControls,
  ...outboundControls,
  ...jobControls,
  ...operationControls,
  ...requestControls,
  ...llmControls,
  ...loggingControls,
  ...reviewControls,
] as const

export type ControlId = (typeof definitions)[number]['id']
export type Control = ControlDefinition & { readonly id: ControlId }

/** In the order in which reports list them. */
export const CONTROLS: readonly Control[] = definitions

const byId: ReadonlyMap<string, Control> = new Map(CONTROLS.map((control) => [control.id, control]))

export function isControlId(text: string): text is ControlId {
  return byId.has(text)
}

export function controlOf(id: ControlId): Control {
  const control = byId.get(id)
  if (control === undefined) throw new Error(`no control ${id}`)
  return control
}

/** Where an id stands in reports; makes every listing of controls come out in one order. */
export const CONTROL_ORDER: ReadonlyMap<ControlId, number> = new Map(
  CONTROLS.map((control, index) => [control.id, index]),
)
