/**
 * The shape of a control: something a back gate does, named once and used by the gateway, the examiners,
 * the manifests and the reports alike.
 */
import type { GateId } from './gates.ts'
import type { OwaspId } from './references.ts'
import type { Severity } from './severity.ts'
import type { SurfaceStyle, Trait } from './surfaces.ts'
import type { EvidenceSource, Place } from './terms.ts'

/**
 * `decisive`: without proof of it the surface is not secure. `supporting`: its failure is a finding, its absence
 * from the record is only residual risk (the published secure examples say nothing about these).
 */
export type Need = 'decisive' | 'supporting'

/** All `is` must hold and none of `unless`; a trait that is unknown makes an `is` undecided and an `unless` not hold. */
export interface Applies {
  readonly styles: readonly SurfaceStyle[]
  readonly need: Need
  readonly is?: readonly Trait[]
  readonly unless?: readonly Trait[]
}

export type ControlGroup =
  | 'inventory'
  | 'handshake'
  | 'session'
  | 'message'
  | 'webhook'
  | 'outbound'
  | 'job'
  | 'operation'
  | 'request'
  | 'contract'
  | 'llm'
  | 'logging'
  | 'review'

export interface ControlDefinition {
  readonly id: string
  readonly title: string
  readonly group: ControlGroup
  /** The attack: what the attacker has, does and gets. Three lines. */
  readonly why: readonly [string, string, string]
  readonly applies: readonly Applies[]
  /** What a reviewer must see. */
  readonly evidence: string
  readonly gates: readonly GateId[]
  readonly owasp: readonly OwaspId[]
  /** OWASP ASVS 5.0.0 requirement numbers. */
  readonly asvs: readonly string[]
  readonly cwe: readonly number[]
  /** PCI DSS 4.0 requirements. */
  readonly pci: readonly string[]
  /** SOC 2 trust services criteria. */
  readonly soc2: readonly string[]
  readonly severity: { readonly unsafe: Severity; readonly absent: Severity }
  /** Layers the control may legitimately live in; it is missing only when none of them has it. */
  readonly places: readonly Exclude<Place, 'unknown'>[]
  /** `any`, and where a framework has its own way, that. */
  readonly remediation: { readonly any: string } & Readonly<Record<string, string>>
  readonly verify: readonly { readonly by: Exclude<EvidenceSource, 'attestation'>; readonly how: string }[]
}

/** Keeps the ids as literal types, so that a misspelt control id anywhere does not compile. */
export function defineControls<const T extends readonly ControlDefinition[]>(controls: T): T {
  return controls
}
