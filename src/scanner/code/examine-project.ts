/**
 * A tree of sources in, judged back gates out. Pure: what is read, and how, is the caller's business.
 */
import type { Evidence, ExaminedSurface, Location, Observed } from '../../catalogue/evidence.ts'
import type { SurfaceStyle, Traits } from '../../catalogue/surfaces.ts'
import { type ClassifiedSurface, classify } from './classify.ts'
import { examineSurface } from './flow/examine-surface.ts'
import type { Place, SurfaceFacts, TraceNote } from './flow/facts.ts'
import { DISCOVERIES } from './frameworks/registry.ts'
import type { Module } from './parse/ir.ts'
import { createProgram, type SourceTree } from './project/program.ts'
import { proven } from './proven.ts'
import { couldBeElsewhere, provesSender, readable } from './rules/questions.ts'
import { RULES } from './rules/registry.ts'
import type { DiscoveredSurface } from './surface.ts'

/** A route as it stands in the code, whether or not it is a back gate. */
export interface CodeRoute {
  /** Upper case; empty when the route takes any. */
  readonly methods: readonly string[]
  readonly path: string
  readonly location: Location
  /** What the back gate at it is. */
  readonly style: SurfaceStyle | undefined
  readonly observed: Observed
}

export interface ExaminedProject {
  readonly surfaces: readonly ExaminedSurface[]
  readonly routes: readonly CodeRoute[]
  /** Where the examination itself broke: what is there was not looked at. */
  readonly failures: readonly TraceNote[]
  /** The clock stopped the examination of a surface. */
  readonly hurried: boolean
  /** The files whose code was run for a surface. */
  readonly visited: ReadonlyMap<ExaminedSurface, ReadonlySet<string>>
}

export interface ExamineOptions {
  /** Surfaces to examine; the others are discovered and left out. */
  readonly only?: (surface: DiscoveredSurface) => boolean
  readonly onSurface?: (done: number, of: number) => void
  /** What was examined, with the facts behind it; those of all surfaces at once would fill the memory. */
  readonly onExamined?: (surface: ClassifiedSurface, examined: ExaminedSurface) => void
}

/**
 * @param candidates Modules in which surfaces are looked for; what they import is read from `tree` when asked for.
 * @param now Milliseconds, for the time budget of each surface.
 */
export function examineProject(
  tree: SourceTree,
  candidates: readonly Module[],
  now: () => number,
  { only = () => true, onSurface = () => {}, onExamined = () => {} }: ExamineOptions = {},
): ExaminedProject {
  const program = createProgram(tree)
  const project = { program, modules: candidates }
  const failures: TraceNote[] = []
  const routes: CodeRoute[] = []
  const visited = new Map<ExaminedSurface, ReadonlySet<string>>()
  let hurried = false
  /** One file or handler that breaks the examination must not cost the others theirs, nor pass for clean. */
  const attempt = <T>(at: Place, work: () => readonly T[]): readonly T[] => {
    try {
      return work()
    } catch (error) {
      failures.push({ ...at, message: `This could not be examined: ${error instanceof Error ? error.message : error}` })
      return []
    }
  }
  const discovered = candidates.flatMap((module) =>
    DISCOVERIES.flatMap((discover) =>
      attempt({ file: module.file, line: 1, column: 1 }, () => discover(module, project)),
    ),
  )
  const surfaces = distinct(discovered.filter(only)).flatMap((surface, index, all) => {
    onSurface(index + 1, all.length)
    return attempt({ file: surface.module.file, ...surface.at }, () => {
      const facts = examineSurface(program, surface, now)
      hurried ||= facts.hurried
      const classified = classify(facts)
      routes.push(...routeIn(facts, classified?.style))
      if (classified === undefined) return []
      const examined = toExamined(classified)
      visited.set(examined, facts.visited)
      onExamined(classified, examined)
      return [examined]
    })
  })
  return { surfaces, routes, failures, hurried, visited }
}

function routeIn(facts: SurfaceFacts, style: SurfaceStyle | undefined): readonly CodeRoute[] {
  const { path, methods, kind, module, at } = facts.surface
  if (path === undefined || kind !== 'route') return []
  return [{ methods, path, location: { file: module.file, ...at }, style, observed: observedIn(facts) }]
}

/** What a caller has to show and may say; nothing is said of a guard where anything could not be followed. */
function observedIn(facts: SurfaceFacts): Observed {
  const { surface, checks, guards, headersRead } = facts
  const isGuarded = checks.some(provesSender) || guards.includes('authorized') || (surface.tooLate ?? []).length > 0
  const isOpen = !isGuarded && surface.mountSeen && surface.guards.length === 0 && !couldBeElsewhere(facts)
  return {
    ...(isGuarded ? { authentication: 'demanded' } : isOpen ? { authentication: 'none' } : {}),
    inputs: headersRead.filter((name) => /^[\w-]+$/.test(name)).map((name) => ({ in: 'header', name })),
  }
}

/** Two discoveries may see one handler. */
function distinct(surfaces: readonly DiscoveredSurface[]): readonly DiscoveredSurface[] {
  return [
    ...new Map(
      surfaces.map((surface) => [
        `${surface.module.file}:${surface.at.line}:${surface.at.column}:${surface.path ?? ''}:${surface.methods.join()}`,
        surface,
      ]),
    ).values(),
  ]
}

function toExamined(classified: ClassifiedSurface): ExaminedSurface {
  const { facts, style } = classified
  const { surface } = facts
  const route = routeOf(surface)
  const location = { file: surface.module.file, ...surface.at }
  const suspected = suspicions(classified)
  const failed = new Set(suspected.map(({ control }) => control))
  return {
    id: route === undefined ? `${style} ${surface.name} in ${surface.module.file}` : `${style} ${route}`,
    style,
    framework: surface.framework,
    ...(route === undefined ? {} : { route }),
    location,
    traits: traitsOf(style, facts),
    evidence: [
      {
        control: 'surface-inventory',
        state: 'present',
        place: 'application',
        source: 'code',
        detail: `${surface.framework} declares it here: ${classified.because.join(', ')}.`,
        location,
      },
      ...suspected,
      ...proven(classified).filter(({ control }) => !failed.has(control)),
      ...unknown(facts),
    ],
    missingArtifacts: [],
  }
}

/** What could not be followed, so that a reader knows why nothing is said of it. */
function unknown({ incomplete }: SurfaceFacts): readonly Evidence[] {
  return incomplete.slice(0, MAX_UNKNOWN).map(
    ({ message, ...location }): Evidence => ({
      control: 'sender-authentication',
      state: 'unknown',
      place: 'application',
      source: 'code',
      detail: message,
      location,
    }),
  )
}
const MAX_UNKNOWN = 5

function suspicions(classified: ClassifiedSurface): readonly Evidence[] {
  return RULES.filter(({ styles }) => styles.includes(classified.style)).flatMap((rule) =>
    rule.when(classified).map(
      (suspicion): Evidence => ({
        control: suspicion.control ?? rule.controlFor?.[classified.style] ?? rule.control,
        state: 'unsafe',
        place: 'application',
        source: 'code',
        rule: rule.id,
        detail: readable(suspicion.message),
        location: suspicion.at,
        severity: suspicion.severity ?? rule.severity,
        confidence: suspicion.confidence ?? rule.confidence,
        trace: (suspicion.trace ?? []).map((step) => ({ ...step, message: readable(step.message) })),
      }),
    ),
  )
}

function routeOf({ path, methods, kind }: DiscoveredSurface): string | undefined {
  if (path === undefined) return undefined
  if (kind === 'socket') return path
  return methods.length === 0 ? path : `${methods.join('|')} ${path}`
}

function traitsOf(style: SurfaceStyle, { checks }: SurfaceFacts): Traits {
  return {
    ...(style === 'webhook' ? { eventDriven: true } : {}),
    ...(checks.some(({ kind }) => kind === 'signature' || kind === 'verifier') ? { signedProvider: true } : {}),
    ...(checks.some(({ byCookie }) => byCookie === true) ? { cookieAuth: true } : {}),
  }
}
