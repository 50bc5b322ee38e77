import { expect, test } from 'vitest'
import { CONTROLS } from './catalogue.ts'
import { explain } from './explain.ts'
import { GATES } from './gates.ts'
import { CWE_TITLES } from './references.ts'
import { severityRank } from './severity.ts'
import { SURFACE_STYLES } from './surfaces.ts'

test('every control has an id of its own and a sentence for each of its parts', () => {
  expect(new Set(CONTROLS.map((control) => control.id)).size).toBe(CONTROLS.length)
  for (const control of CONTROLS) {
    expect(control.id).toMatch(/^[a-z]+(-[a-z]+)*$/)
    const sentences = [
      control.title,
      ...control.why,
      control.evidence,
      ...Object.values(control.remediation),
      ...control.verify.map((one) => one.how),
    ]
    expect(
      sentences.filter((text) => text.trim().length < 8),
      control.id,
    ).toEqual([])
    expect(control.verify.length, control.id).toBeGreaterThan(0)
  }
})

test('every control refers to gates, OWASP, ASVS, CWE, PCI DSS and SOC 2, and every CWE has its title', () => {
  for (const control of CONTROLS) {
    for (const list of [control.gates, control.owasp, control.asvs, control.cwe, control.pci, control.soc2]) {
      expect(list.length, control.id).toBeGreaterThan(0)
    }
    expect(
      control.cwe.filter((cwe) => CWE_TITLES[cwe] === undefined),
      control.id,
    ).toEqual([])
    expect(
      control.asvs.filter((number) => !/^\d{1,2}\.\d{1,2}\.\d{1,2}$/.test(number)),
      control.id,
    ).toEqual([])
  }
})

test('every published gate is carried by a control', () => {
  const carried = new Set(CONTROLS.flatMap((control) => [...control.gates]))
  expect(Object.keys(GATES).filter((gate) => !carried.has(gate as keyof typeof GATES))).toEqual([])
})

test('a control is never worse when it is absent than when it is unsafe', () => {
  for (const { id, severity } of CONTROLS)
    expect(severityRank(severity.absent), id).toBeLessThanOrEqual(severityRank(severity.unsafe))
})

test('every style but the hybrid has decisive controls of its own', () => {
  for (const style of Object.keys(SURFACE_STYLES)) {
    const decisive = CONTROLS.filter((control) =>
      control.applies.some((one) => one.need === 'decisive' && (one.styles as readonly string[]).includes(style)),
    )
    expect(decisive.length, style).toBeGreaterThan(style === 'hybrid' ? 0 : 1)
  }
})

test('explain knows controls, gates in full and in short, and says so of anything else', () => {
  expect(explain('raw-body-integrity')).toContain('# The signature is verified over the exact bytes')
  expect(explain('API-RT-06')).toContain('raw-body-integrity')
  expect(explain('rt-06')).toBe(explain('API-RT-06'))
  expect(explain('constructor')).toBeUndefined()
})
