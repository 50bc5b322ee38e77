/**
 * Finds the fixes that may be offered: each was applied in memory and the project examined again.
 *
 * A fix is worth showing when its finding is gone, nothing new is found, no surface is lost or less well understood,
 * what was proved is still proved, and the file still parses as well as before. What does not come that far is not
 * mentioned: `NODE_DEBUG=postern:fix` says why.
 */
import { join } from 'node:path/posix'
import { debuglog } from 'node:util'
import type { Evidence, ExaminedSurface, Fix, Location } from '../../../catalogue/evidence.ts'
import { groupBy } from '../../../catalogue/group-by.ts'
import type { ClassifiedSurface } from '../classify.ts'
import { type ExaminedProject, examineProject } from '../examine-project.ts'
import type { Grammars } from '../parse/grammars.ts'
import { ancestors } from '../project/autoload.ts'
import { type ParsingTree, withTexts } from '../project/source-tree.ts'
import { dependencies } from './affected.ts'
import { applyFixes, toFix } from './edits.ts'
import type { Sources } from './fixer.ts'
import { FIXERS } from './registry.ts'
import { readSourceFile, type SourceFile } from './source-file.ts'

export interface FixProject {
  readonly tree: ParsingTree
  /** Files in which surfaces are looked for. */
  readonly candidates: readonly string[]
  readonly mayChange: (file: string) => boolean
  readonly grammars: Grammars
  /** Milliseconds. */
  readonly now: () => number
}

const log = debuglog('postern:fix')

/** @returns The surfaces again; evidence whose fault has a fix carries it. */
export function offerFixes(
  { tree, ...rest }: FixProject,
  { surfaces, visited }: Pick<ExaminedProject, 'surfaces' | 'visited'>,
): readonly ExaminedSurface[] {
  const fixable = surfaces.filter(({ evidence }) => evidence.some(isFixable))
  if (fixable.length === 0) return surfaces
  // A file is read once: a fix is for the text that it was made of.
  const project = { ...rest, tree: { ...tree, text: remembering((path: string) => tree.text(path)) } }
  const drafted = draft(project, fixable)
  const concerns = concernedBy(remembering(dependencies(project.tree)), surfaces, visited)
  const byFault = new Map<string, Fix>()
  for (let rank = 0; rank <= Math.max(...drafted.map((one) => one.rank)); rank++) {
    const open = drafted.filter((one) => one.rank === rank && !one.faults.some((fault) => byFault.has(fault)))
    for (const { faults, fix } of batches(open).flatMap((batch) => tried(project, surfaces, concerns, batch)))
      for (const fault of faults) byFault.set(fault, fix)
  }
  return surfaces.map((surface) => ({ ...surface, evidence: surface.evidence.map((piece) => withFix(piece, byFault)) }))
}

/** Whether what a fix does to a file may mean something to a surface there. */
type Concerns = (fix: Drafted, surface: Location) => boolean

/** What is changed inside a function concerns those surfaces that run it; a parser or an adapter all that is mounted behind. */
const CHANGES_REGISTRATION: ReadonlySet<string> = new Set(['missing-signature', 'parsed-body-signature'])

function concernedBy(
  near: (file: string) => ReadonlySet<string>,
  surfaces: readonly ExaminedSurface[],
  visited: ExaminedProject['visited'],
): Concerns {
  const running = new Map(
    surfaces.flatMap((surface) =>
      surface.location === undefined ? [] : [[placeKey(surface.location), visited.get(surface)] as const],
    ),
  )
  return ({ rules, files, fix }, surface) =>
    fix.edits.some(({ file }) => file === surface.file) ||
    (rules.some((rule) => CHANGES_REGISTRATION.has(rule))
      ? files.has(surface.file) || fix.edits.some(({ file }) => near(file).has(surface.file))
      : fix.edits.some(({ file }) => running.get(placeKey(surface))?.has(file) === true))
}

function remembering<V>(ask: (file: string) => V): (file: string) => V {
  const known = new Map<string, V>()
  return (file) => {
    const value = known.get(file) ?? ask(file)
    known.set(file, value)
    return value
  }
}

function withFix(piece: Evidence, fixes: ReadonlyMap<string, Fix>): Evidence {
  const fix = isFixable(piece) ? fixes.get(faultKey(piece.rule, piece.location)) : undefined
  return fix === undefined ? piece : { ...piece, fix }
}

type Fixable = Evidence & { readonly rule: string; readonly location: Location }

function isFixable(piece: Evidence): piece is Fixable {
  return piece.state === 'unsafe' && piece.rule !== undefined && piece.location !== undefined && FIXERS.has(piece.rule)
}

function faultKey(rule: string, { file, line, column }: Location): string {
  return `${rule}\n${file}\n${line}\n${column}`
}

function placeKey(location: Location): string {
  return faultKey('', location)
}

function isOneOf(faults: readonly string[], piece: Evidence): boolean {
  return isFixable(piece) && faults.includes(faultKey(piece.rule, piece.location))
}

interface Drafted {
  readonly fix: Fix
  /** 0 is tried first. */
  readonly rank: number
  /** What it is for: several faults may have one cause, and one fault be seen from several surfaces. */
  readonly faults: readonly string[]
  readonly rules: readonly string[]
  readonly surfaces: ReadonlySet<string>
  /** The files of these surfaces. */
  readonly files: ReadonlySet<string>
}

function draft(project: FixProject, surfaces: readonly ExaminedSurface[]): readonly Drafted[] {
  const sources = sourcesOf(project)
  const drafted = classified(project, surfaces).flatMap(({ surface, examined }) =>
    examined.evidence.filter(isFixable).flatMap(({ rule, location }) => {
      const key = faultKey(rule, location)
      const made = FIXERS.get(rule)?.({ rule, at: location, surface }, sources) ?? []
      if (made.length === 0) log('%s: no fixer knows how', key.replaceAll('\n', ' '))
      return made.map((one, rank) => ({ key, rule, rank, fix: toFix(one, (file) => sources(file)?.text ?? '') }))
    }),
  )
  return [...groupBy(drafted, ({ fix }) => JSON.stringify(fix.edits)).values()].flatMap((same) => {
    const [first] = same
    const faults = [...new Set(same.map(({ key }) => key))]
    const touched = surfaces.filter(({ evidence }) => evidence.some((piece) => isOneOf(faults, piece)))
    if (first === undefined) return []
    return {
      rank: first.rank,
      fix: first.fix,
      faults,
      rules: [...new Set(same.map(({ rule }) => rule))],
      surfaces: new Set(touched.map(({ id }) => id)),
      files: new Set(touched.flatMap(({ location }) => location?.file ?? [])),
    }
  })
}

/** The surfaces again, with the facts that fixers need. */
function classified(
  { tree, candidates, now }: FixProject,
  surfaces: readonly ExaminedSurface[],
): readonly { readonly surface: ClassifiedSurface; readonly examined: ExaminedSurface }[] {
  const places = new Set(surfaces.flatMap(({ location }) => (location === undefined ? [] : placeKey(location))))
  const modules = candidates.flatMap((file) => tree.module(file) ?? [])
  const found: { surface: ClassifiedSurface; examined: ExaminedSurface }[] = []
  examineProject(tree, modules, now, {
    only: ({ module, at }) => places.has(placeKey({ file: module.file, ...at })),
    onExamined: (surface, examined) => found.push({ surface, examined }),
  })
  return found
}

function sourcesOf({ tree, mayChange, grammars, now }: FixProject): Sources {
  const read = new Map<string, SourceFile | undefined>()
  const source = (file: string): SourceFile | undefined => {
    if (!read.has(file)) {
      const text = mayChange(file) ? tree.text(file) : undefined
      read.set(file, text === undefined ? undefined : readSourceFile(grammars, text, file, now))
    }
    return read.get(file)
  }
  return Object.assign(source, { installed: (file: string, name: string) => isInstalled(tree, file, name) })
}

function isInstalled(tree: ParsingTree, file: string, name: string): boolean {
  const text = ancestors(file)
    .map((folder) => tree.text(join(folder, 'package.json')))
    .find((one) => one !== undefined)
  return text !== undefined && dependencyNames(text).includes(name)
}

function dependencyNames(packageJson: string): readonly string[] {
  try {
    const { dependencies } = JSON.parse(packageJson) as { readonly dependencies?: unknown }
    return typeof dependencies === 'object' && dependencies !== null ? Object.keys(dependencies) : []
  } catch {
    return []
  }
}

/** Of one batch no two share a file or a surface, so that each is judged as if it were alone. */
function batches(drafted: readonly Drafted[]): readonly (readonly Drafted[])[] {
  const made: { readonly members: Drafted[]; readonly taken: Set<string> }[] = []
  for (const one of drafted) {
    const needs = [...one.surfaces, ...one.fix.edits.map(({ file }) => `file:${file}`)]
    const fitting = made.find(({ taken }) => !needs.some((need) => taken.has(need)))
    if (fitting === undefined) made.push({ members: [one], taken: new Set(needs) })
    else {
      fitting.members.push(one)
      for (const need of needs) fitting.taken.add(need)
    }
  }
  return made.map(({ members }) => members)
}

/** Those of a batch that hold what they promise. Trouble that nobody can be blamed for is looked for one by one. */
function tried(
  project: FixProject,
  all: readonly ExaminedSurface[],
  concerns: Concerns,
  batch: readonly Drafted[],
): readonly Drafted[] {
  const { tree, candidates, now } = project
  const { texts } = applyFixes(
    batch.map(({ fix }) => fix),
    (file) => tree.text(file),
  )
  const changed = withTexts(tree, project.grammars, texts, now)
  const unparsed = [...texts.keys()].filter(
    (file) => (changed.module(file)?.unparsed ?? Number.POSITIVE_INFINITY) > (tree.module(file)?.unparsed ?? 0),
  )
  const isNear = (location: Location): boolean => batch.some((one) => concerns(one, location))
  const before = all.filter(({ location }) => location !== undefined && isNear(location))
  const modules = candidates.flatMap((file) => changed.module(file) ?? [])
  const { surfaces, failures, hurried } = examineProject(changed, modules, now, {
    only: ({ module, at }) => isNear({ file: module.file, ...at }),
  })
  const found = named(surfaces)
  const was = named(before)
  const nameOf = new Map([...was].map(([name, surface]) => [surface, name]))
  const after = (surface: ExaminedSurface): ExaminedSurface | undefined => found.get(nameOf.get(surface) ?? '')
  const worse = new Map(
    before.flatMap((surface) => {
      const why = worsened(surface, after(surface))
      return why === undefined ? [] : [[surface.id, why] as const]
    }),
  )
  const sound = batch.filter(({ fix, faults, surfaces: ids }) => {
    const why = fix.edits.some(({ file }) => unparsed.includes(file))
      ? 'the file no longer parses'
      : ([...ids].flatMap((id) => worse.get(id) ?? [])[0] ??
        (before.some((surface) => ids.has(surface.id) && !isGone(faults, surface, after(surface)))
          ? 'the finding stays'
          : undefined))
    if (why !== undefined) log('%j: %s', fix, why)
    return why === undefined
  })
  const blamed = new Set(batch.flatMap(({ surfaces: ids }) => [...ids]))
  const isNew = [...found].some(
    ([name, { evidence }]) => !was.has(name) && evidence.some(({ state }) => state === 'unsafe'),
  )
  const isClean = !isNew && !hurried && failures.length === 0 && [...worse.keys()].every((id) => blamed.has(id))
  if (isClean) return sound
  if (batch.length === 1) log('%j: something new is found elsewhere', batch[0]?.fix)
  return batch.length === 1 ? [] : batch.flatMap((one) => tried(project, all, concerns, [one]))
}

/** Ids of surfaces are numbered within all that were examined; here they are told apart by their file and order. */
function named(surfaces: readonly ExaminedSurface[]): ReadonlyMap<string, ExaminedSurface> {
  const names = new Map<string, ExaminedSurface>()
  for (const surface of surfaces) {
    const name = `${surface.location?.file ?? ''} ${surface.id.replace(/ \(\d+\)$/, '')}`
    let nth = 1
    while (names.has(`${name} ${nth}`)) nth++
    names.set(`${name} ${nth}`, surface)
  }
  return names
}

/** What is found anew, or lost. */
function worsened(before: ExaminedSurface, after: ExaminedSurface | undefined): string | undefined {
  if (after === undefined || after.style !== before.style) return `${before.id} is lost`
  const more = (fits: (piece: Evidence) => boolean): boolean =>
    after.evidence.filter(fits).length > before.evidence.filter(fits).length
  if (more(({ state }) => state === 'unknown')) return `${before.id} is less well understood`
  const added = after.evidence.find(
    ({ state, rule }) => state === 'unsafe' && more((one) => one.state === 'unsafe' && one.rule === rule),
  )
  if (added !== undefined) return `${before.id} has a new finding: ${added.detail}`
  const lost = before.evidence.find(
    ({ state, control }) =>
      state === 'present' &&
      control !== BOUND &&
      !after.evidence.some((one) => one.state === 'present' && one.control === control),
  )
  return lost === undefined ? undefined : `${before.id} no longer shows ${lost.control}`
}

/** The code may bound the body in place of the framework; were there no bound, that would be a new finding. */
const BOUND = 'body-size-limit'

/** Of every rule that is mended there are as many findings less as were mended. */
function isGone(faults: readonly string[], before: ExaminedSurface, after: ExaminedSurface | undefined): boolean {
  const mended = before.evidence.filter((piece) => isOneOf(faults, piece))
  return [...groupBy(mended, ({ rule }) => rule)].every(([rule, pieces]) => {
    const left = after?.evidence.filter((piece) => piece.state === 'unsafe' && piece.rule === rule).length ?? 0
    const had = before.evidence.filter((piece) => piece.state === 'unsafe' && piece.rule === rule).length
    return left <= had - pieces.length
  })
}
