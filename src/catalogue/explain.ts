/** A control, or a published gate, as a page: what `postern explain` prints and docs/controls holds. */
import { CONTROLS, type Control, controlOf, isControlId } from './catalogue.ts'
import type { Applies } from './control.ts'
import { GATES, type GateId, isGateId } from './gates.ts'
import { CWE_TITLES, OWASP_API_2023 } from './references.ts'
import { SURFACE_STYLES, TRAITS } from './surfaces.ts'

/** `undefined` for an id that is neither a control nor a gate. */
export function explain(id: string): string | undefined {
  if (isControlId(id)) return controlPage(controlOf(id))
  const gate = id.toUpperCase()
  const full = isGateId(gate) ? gate : `API-${gate}`
  return isGateId(full) ? gatePage(full) : undefined
}

export function controlPage(control: Control): string {
  return [
    `# ${control.title}`,
    `\`${control.id}\` · ${control.group} · severity when unsafe **${control.severity.unsafe}**, when absent **${control.severity.absent}**`,
    '## Why',
    control.why.join('  \n'),
    '## Where it applies',
    control.applies.map(appliesLine).join('\n'),
    `It may live in: ${control.places.join(', ')}.`,
    '## Evidence needed',
    control.evidence,
    '## Fix',
    Object.entries(control.remediation)
      .map(([framework, how]) => (framework === 'any' ? how : `- **${framework}**: ${how}`))
      .join('\n'),
    '## How it is verified',
    control.verify.map(({ by, how }) => `- **${by}**: ${how}`).join('\n'),
    '## References',
    [
      `- Evidence gates: ${control.gates.map((gate) => `${gate} (${GATES[gate]})`).join('; ')}`,
      `- OWASP API Security Top 10, 2023: ${control.owasp.map((risk) => `${risk} ${OWASP_API_2023[risk]}`).join('; ')}`,
      `- OWASP ASVS 5.0.0: ${control.asvs.map((number) => `V${number}`).join(', ')}`,
      `- CWE: ${control.cwe.map((cwe) => `CWE-${cwe} ${CWE_TITLES[cwe] ?? ''}`.trim()).join('; ')}`,
      `- PCI DSS 4.0: ${control.pci.join(', ')}`,
      `- SOC 2: ${control.soc2.join(', ')}`,
    ].join('\n'),
    '',
  ]
    .join('\n\n')
    .trimEnd()
    .concat('\n')
}

function gatePage(gate: GateId): string {
  const controls = CONTROLS.filter((control) => control.gates.includes(gate))
  return [
    `# ${gate}`,
    GATES[gate],
    '## Controls',
    controls.map((control) => `- \`${control.id}\`: ${control.title}`).join('\n'),
    '',
  ]
    .join('\n\n')
    .trimEnd()
    .concat('\n')
}

/** docs/controls/README.md. */
export function controlIndex(): string {
  const groups = [...new Set(CONTROLS.map((control) => control.group))]
  const sections = groups.map((group) =>
    [
      `## ${group}`,
      '| Control | Title | Gates |\n| --- | --- | --- |\n' +
        CONTROLS.filter((control) => control.group === group)
          .map((control) => `| [${control.id}](${control.id}.md) | ${control.title} | ${control.gates.join(', ')} |`)
          .join('\n'),
    ].join('\n\n'),
  )
  return `${['# Controls', 'What a back gate must do; generated from `src/catalogue` by `scripts/gen-controls.ts`.', ...sections].join('\n\n')}\n`
}

function appliesLine(applies: Applies): string {
  const styles = applies.styles.map((style) => SURFACE_STYLES[style].label).join(', ')
  const is = (applies.is ?? []).map((trait) => `when ${TRAITS[trait]}`)
  const unless = (applies.unless ?? []).map((trait) => `unless ${TRAITS[trait]}`)
  const conditions = [...is, ...unless].join(', ')
  return `- **${applies.need}** for ${styles}${conditions === '' ? '' : `: ${conditions}`}`
}
