import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CONTROLS, type ControlId } from './catalogue.ts'
import { DECISIONS, decideSurface, worstDecision } from './decide.ts'
import type { Evidence, ExaminedSurface } from './evidence.ts'
import { scoreOf } from './score.ts'
import { SURFACE_STYLES, type SurfaceStyle, TRAITS, type Trait } from './surfaces.ts'
import { EVIDENCE_SOURCES, EVIDENCE_STATES, PLACES } from './terms.ts'

const anEvidence = (over: Partial<Evidence> & Pick<Evidence, 'control'>): Evidence => ({
  state: 'present',
  place: 'application',
  source: 'manifest',
  detail: 'said so',
  ...over,
})

const aSurface = (over: Partial<ExaminedSurface>): ExaminedSurface => ({
  id: 's',
  style: 'webhook',
  route: 'POST /hook',
  traits: {},
  evidence: [],
  missingArtifacts: [],
  ...over,
})

const decisiveFor = (style: SurfaceStyle): readonly ControlId[] =>
  CONTROLS.filter((control) =>
    control.applies.some((a) => a.need === 'decisive' && a.is === undefined && a.styles.includes(style)),
  )
    .map((control) => control.id)
    .filter((id) => id !== 'surface-inventory')

const complete = (style: SurfaceStyle, over: Partial<Evidence> = {}): readonly Evidence[] =>
  decisiveFor(style).map((control) => anEvidence({ control, ...over }))

const evidence: fc.Arbitrary<Evidence> = fc.record({
  control: fc.constantFrom(...CONTROLS.map((control) => control.id)),
  state: fc.constantFrom(...EVIDENCE_STATES),
  place: fc.constantFrom(...PLACES),
  source: fc.constantFrom(...EVIDENCE_SOURCES),
  detail: fc.constantFrom('a', 'b'),
})

const surface: fc.Arbitrary<ExaminedSurface> = fc
  .record({
    style: fc.constantFrom(...(Object.keys(SURFACE_STYLES) as SurfaceStyle[])),
    route: fc.option(fc.constant('/x'), { nil: undefined }),
    traits: fc.dictionary(fc.constantFrom(...(Object.keys(TRAITS) as Trait[])), fc.boolean()),
    evidence: fc.array(evidence, { maxLength: 25 }),
    missingArtifacts: fc.subarray(['route_table', 'webhook_registry']),
  })
  .map(({ route, ...rest }) => ({ id: 's', ...rest, ...(route === undefined ? {} : { route }) }))

/** As `surface`, but most of it good, so that the secure and partial corners are reached as well. */
const mostlyGood: fc.Arbitrary<ExaminedSurface> = surface.chain((base) =>
  fc
    .subarray([...complete(base.style)], { minLength: Math.max(0, decisiveFor(base.style).length - 3) })
    .map((good) => ({
      ...base,
      route: '/x',
      missingArtifacts: [],
      evidence: [...good, ...base.evidence.slice(0, 2)],
    })),
)

const rank = (decision: (typeof DECISIONS)[number]) => DECISIONS.indexOf(decision)

describe('the decision function', () => {
  test('answers every surface with exactly one of four decisions', () => {
    fc.assert(
      fc.property(surface, (one) => {
        const { decision, coverage } = decideSurface(one)
        return DECISIONS.includes(decision) && coverage.decided <= coverage.needed
      }),
      { numRuns: 500 },
    )
  })

  test('gives the same answer whatever the order of the evidence', () => {
    fc.assert(
      fc.property(surface, fc.infiniteStream(fc.nat()), (one, numbers) => {
        const shuffled = [...one.evidence]
          .map((piece) => ({ piece, at: numbers.next().value }))
          .sort((a, b) => a.at - b.at)
          .map(({ piece }) => piece)
        expect(decideSurface({ ...one, evidence: shuffled })).toEqual(decideSurface(one))
      }),
      { numRuns: 300 },
    )
  })

  test.each([
    ['any evidence', surface],
    ['mostly good evidence', mostlyGood],
  ])('never gets worse when proof of a control is added (%s)', (_, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, evidence, (one, extra) => {
        const before = decideSurface(one)
        const after = decideSurface({ ...one, evidence: [...one.evidence, { ...extra, state: 'present' }] })
        expect(rank(after.decision)).toBeGreaterThanOrEqual(rank(before.decision))
        const [was, is] = [scoreOf([before]).score, scoreOf([after]).score]
        // Proof against what another source says is a finding of its own, and may leave open what was settled as
        // failed: the decision does not suffer, the score and the coverage may.
        const contradicts = one.evidence.some((piece) => piece.control === extra.control && piece.state !== 'present')
        if (contradicts) return
        expect(after.coverage.decided).toBeGreaterThanOrEqual(before.coverage.decided)
        // Without its one failure a surface that cannot be judged has no score any more.
        if (was !== null && is !== null) expect(is).toBeGreaterThanOrEqual(was)
      }),
      { numRuns: 1500 },
    )
  })

  test('never gets better when proof of a failure is added', () => {
    fc.assert(
      fc.property(mostlyGood, evidence, (one, extra) => {
        const before = decideSurface(one)
        const after = decideSurface({ ...one, evidence: [...one.evidence, { ...extra, state: 'unsafe' }] })
        // Of the inventory a failure means "cannot be judged", which ranks above "vulnerable".
        expect(rank(after.decision)).toBeLessThanOrEqual(rank(before.decision))
      }),
      { numRuns: 1000 },
    )
  })

  test('only a surface whose every decisive control is proven is secure', () => {
    for (const style of Object.keys(SURFACE_STYLES) as SurfaceStyle[]) {
      if (decisiveFor(style).length === 0) continue
      const good = complete(style)
      expect(decideSurface(aSurface({ style, evidence: good })).decision, style).toBe('secure')
      for (const left of decisiveFor(style)) {
        const without = good.filter((piece) => piece.control !== left)
        const decided = decideSurface(aSurface({ style, evidence: without }))
        expect(decided.decision, `${style} without ${left}`).toBe('partial')
        expect(decided.missing.map((one) => one.control)).toEqual([left])
        expect(decided.findings).toEqual([])
      }
    }
  })

  test('a secure surface carries its weakest proof and a vulnerable one its strongest', () => {
    const attested = complete('webhook')
    expect(decideSurface(aSurface({ evidence: attested })).proof).toBe('attested')
    expect(decideSurface(aSurface({ evidence: complete('webhook', { source: 'live' }) })).proof).toBe('observed')
    const broken = [...attested, anEvidence({ control: 'replay-cache', state: 'unsafe', source: 'live' })]
    expect(decideSurface(aSurface({ evidence: broken }))).toMatchObject({ decision: 'vulnerable', proof: 'observed' })
  })

  test('a claim that something more trusted disproves is a finding of its own', () => {
    const decided = decideSurface(
      aSurface({
        evidence: [
          ...complete('webhook'),
          anEvidence({ control: 'raw-body-integrity', state: 'unsafe', source: 'code' }),
        ],
      }),
    )
    expect(decided.decision).toBe('vulnerable')
    expect(decided.findings.map((finding) => finding.rule)).toContain('sources-disagree')
  })

  test('a manifest that denies what code shows leaves the surface undecided, not vulnerable', () => {
    const rest = complete('webhook', { source: 'code' })
    const decided = decideSurface(
      aSurface({ evidence: [...rest, anEvidence({ control: 'raw-body-integrity', state: 'unsafe' })] }),
    )
    expect(decided.decision).toBe('partial')
    expect(decided.findings.map((finding) => finding.kind)).toEqual(['contradiction'])
  })

  test('a limit that code lacks is not missing while nobody looked at the gateway', () => {
    const code = complete('websocket', { source: 'code' }).filter((piece) => piece.control !== 'message-rate-limit')
    const absent = anEvidence({ control: 'message-rate-limit', state: 'absent', source: 'code' })
    const decided = decideSurface(aSurface({ style: 'websocket', evidence: [...code, absent] }))
    expect(decided).toMatchObject({ decision: 'partial', findings: [] })

    const both = [...code, absent, { ...absent, place: 'gateway' as const }]
    expect(decideSurface(aSurface({ style: 'websocket', evidence: both })).decision).toBe('vulnerable')
  })

  test('a control that only the gateway has needs proof that the origin cannot be reached past it', () => {
    const evidence = complete('websocket').map((piece) =>
      piece.control === 'origin-allowlist' ? { ...piece, place: 'gateway' as const } : piece,
    )
    expect(decideSurface(aSurface({ style: 'websocket', evidence })).decision).toBe('partial')
    const blocked = anEvidence({ control: 'origin-bypass-block', place: 'platform' })
    expect(decideSurface(aSurface({ style: 'websocket', evidence: [...evidence, blocked] })).decision).toBe('secure')
  })

  test('a document alone never makes a surface secure', () => {
    const decided = decideSurface(aSurface({ evidence: complete('webhook', { source: 'attestation' }) }))
    expect(decided).toMatchObject({ decision: 'partial', findings: [] })
  })

  test('a cross-site token is needed only where a cookie authenticates', () => {
    const refused = anEvidence({ control: 'handshake-csrf', state: 'unsafe' })
    const decide = (traits: ExaminedSurface['traits']) =>
      decideSurface(aSurface({ style: 'websocket', traits, evidence: [...complete('websocket'), refused] }))
    expect(decide({ cookieAuth: true }).decision).toBe('vulnerable')
    expect(decide({ cookieAuth: false }).decision).toBe('secure')
    expect(decide({}).missing).toEqual([
      { control: 'handshake-csrf', artefact: 'whether a cookie authenticates the request or handshake' },
    ])
  })

  test('the worst surface speaks for all, and none at all is not evaluable', () => {
    expect(worstDecision(['secure', 'partial', 'not evaluable'])).toBe('not evaluable')
    expect(worstDecision(['secure', 'vulnerable', 'not evaluable'])).toBe('vulnerable')
    expect(worstDecision([])).toBe('not evaluable')
  })
})
