/** Source files in memory: what is found in them, which fixes are offered, and what they make of them. */
import { createPatch } from 'diff'
import { expect } from 'vitest'
import type { ExaminedSurface, Fix } from '../../src/catalogue/evidence.ts'
import { examineProject } from '../../src/scanner/code/examine-project.ts'
import { applyFixes } from '../../src/scanner/code/fixes/edits.ts'
import { offerFixes } from '../../src/scanner/code/fixes/offer.ts'
import { type Grammars, loadGrammars } from '../../src/scanner/code/parse/grammars.ts'
import type { Language } from '../../src/scanner/code/parse/ir.ts'
import { parsingTree } from '../../src/scanner/code/project/source-tree.ts'

export type Files = Readonly<Record<string, string>>

/** A file as a person would name it. */
export const USUAL_FILES: Readonly<Record<Language, string>> = {
  python: 'app.py',
  javascript: 'server.js',
  typescript: 'server.ts',
  go: 'main.go',
  ruby: 'app.rb',
  php: 'webhook.php',
  java: 'WebhookController.java',
}

export const grammars: Grammars = await loadGrammars(
  new Set(['python', 'javascript', 'typescript', 'tsx', 'go', 'ruby', 'php', 'java']),
)

export function scanned(files: Files): {
  readonly surfaces: readonly ExaminedSurface[]
  readonly fixes: readonly Fix[]
} {
  const tree = parsingTree(
    (path) => files[path],
    (path) => Object.hasOwn(files, path),
    grammars,
    () => 0,
    (folder) => Object.keys(files).filter((file) => file.startsWith(folder === '.' ? '' : `${folder}/`)),
  )
  const names = Object.keys(files).filter((file) => tree.has(file))
  const modules = names.flatMap((file) => tree.module(file) ?? [])
  const project = { tree, candidates: names, mayChange: (file: string) => names.includes(file), grammars, now: () => 0 }
  const surfaces = offerFixes(
    project,
    examineProject(tree, modules, () => 0),
  )
  const fixes = surfaces.flatMap(({ evidence }) => evidence.flatMap(({ fix }) => fix ?? []))
  return { surfaces, fixes: [...new Map(fixes.map((fix) => [JSON.stringify(fix), fix])).values()] }
}

export function rulesFound(files: Files): readonly string[] {
  return scanned(files).surfaces.flatMap(({ evidence }) =>
    evidence.flatMap(({ state, rule }) => (state === 'unsafe' && rule !== undefined ? [rule] : [])),
  )
}

/** Every offered fix, round after round, as `--fix` applies them. */
export function fixed(files: Files): Files {
  let texts = files
  for (let round = 0; round < 10; round++) {
    const { texts: changed, applied } = applyFixes(scanned(texts).fixes, (file) => texts[file])
    if (applied.length === 0) return texts
    texts = { ...texts, ...Object.fromEntries(changed) }
  }
  return expect.fail('the fixes never end')
}

/** What the fixes change, without the lines around it. */
export function changes(before: Files, after: Files): string {
  return Object.keys(after)
    .filter((file) => before[file] !== after[file])
    .map((file) => {
      const patch = createPatch(file, before[file] ?? '', after[file] ?? '', '', '', { context: 0 })
      const lines = patch.split('\n').filter((line) => /^[+-](?![+-]{2} )|^\\/.test(line))
      return `${file}\n${lines.join('\n')}`
    })
    .join('\n')
}
