/** Modules of scripts that another module at hand imports or requires. */
import type { Module } from '../parse/ir.ts'
import { walk } from '../parse/walk.ts'
import { type Project, requiredSource } from './framework.ts'

const imported = new WeakMap<Project, ReadonlySet<Module>>()
export function isImported(module: Module, project: Project): boolean {
  const known = imported.get(project)
  if (known !== undefined) return known.has(module)
  const found = new Set<Module>()
  for (const one of project.modules) {
    if (one.language !== 'javascript' && one.language !== 'typescript') continue
    const sources = one.imports.map(({ source }) => source)
    for (const { source } of one.exports) if (source !== undefined) sources.push(source)
    walk(one, {
      call: (call) => {
        const source = requiredSource(call)
        if (source !== undefined) sources.push(source)
      },
    })
    for (const source of sources) {
      const target = project.program.resolve(one, source)
      if (target !== undefined) found.add(target)
    }
  }
  imported.set(project, found)
  return found.has(module)
}
