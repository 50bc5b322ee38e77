/**
 * The text of an error that a background job leaves in the record of its job: `jobs[id]["error"] = str(error)`.
 *
 * The job runs outside of any request, so no way through a handler meets it; what the handler shows is looked up here by
 * the container's name and the field's. A module is read once, and only when one of its handlers shows a job from memory.
 */

import type { Expression, Module, Position, Statement } from '../parse/ir.ts'
import { literalText, rootName } from '../parse/walk.ts'
import type { SurfaceFacts } from './facts.ts'

interface KeptError {
  readonly container: string
  readonly field: string
  readonly at: Position
}

/** Where the text is kept that the handler's answer shows. */
export function shownKeptErrors({ surface, uses }: SurfaceFacts): readonly Position[] {
  const handler = surface.chain.at(-1)?.run
  const body = handler?.fn?.body
  const inMemory = uses.some(({ kind, detail, guarded }) => kind === 'lookup' && detail === 'memory' && !guarded)
  if (body === undefined || handler?.module !== surface.module || !inMemory) return []
  const text = JSON.stringify(body)
  const whole = answersWhole(body)
  return keptErrors(surface.module)
    .filter(({ container }) => text.includes(`"kind":"name","name":"${container}"`))
    .filter(({ container, field }) => text.includes(`"${field}"`) || whole.has(container))
    .map(({ at }) => at)
}

const known = new WeakMap<Module, readonly KeptError[]>()

function keptErrors(module: Module): readonly KeptError[] {
  const before = known.get(module)
  if (before !== undefined) return before
  const found: KeptError[] = []
  each(module.body, (node) => {
    if (node.kind !== 'try') return
    for (const { target, body } of node.handlers) {
      if (target?.kind !== 'name') continue
      const shows = new RegExp(`"kind":"name","name":"${target.name.replace(/\W/g, '')}"`)
      each(body, (inner) => {
        if (inner.kind !== 'assign' || inner.target.kind !== 'place') return
        const place = inner.target.target
        if (place.kind !== 'index' && place.kind !== 'member') return
        const { value } = inner
        const container = rootName(place)
        if (value.kind === 'object') {
          for (const { key, value: field } of value.entries)
            if (key !== undefined && shows.test(JSON.stringify(field)))
              found.push({ container, field: key, at: field.at })
        } else if (shows.test(JSON.stringify(value))) {
          const field = place.kind === 'member' ? place.property : literalText(place.index)
          if (field !== undefined) found.push({ container, field, at: inner.at })
        }
      })
    }
  })
  known.set(module, found)
  return found
}

/** Containers of which an answer is a whole entry: `return jobs[job_id]`, `job = jobs.get(id)` and `return jsonify(job)`. */
function answersWhole(body: unknown): ReadonlySet<string> {
  const holds = new Map<string, string>()
  const whole = new Set<string>()
  each(body, (node) => {
    if (node.kind === 'assign' && node.target.kind === 'name') holds.set(node.target.name, entryContainer(node.value))
  })
  each(body, (node) => {
    const given =
      node.kind === 'return'
        ? node.value
        : node.kind === 'call' &&
            /"(?:jsonify|JSONResponse|JsonResponse|Response|json)"/.test(JSON.stringify(node.callee))
          ? node.args[0]?.value
          : undefined
    if (given?.kind === 'name') whole.add(holds.get(given.name) ?? '')
    else if (given !== undefined) whole.add(entryContainer(given))
  })
  whole.delete('')
  return whole
}

/** `jobs[id]`, `jobs.get(id)` */
function entryContainer(value: Expression): string {
  if (value.kind === 'index' && value.object.kind === 'name') return value.object.name
  if (value.kind === 'call' && value.callee.kind === 'member' && value.callee.property === 'get')
    return value.callee.object.kind === 'name' ? value.callee.object.name : ''
  return ''
}

function each(node: unknown, visit: (node: Statement | Expression) => void): void {
  if (Array.isArray(node)) {
    for (const one of node) each(one, visit)
    return
  }
  if (node === null || typeof node !== 'object') return
  if ('kind' in node) visit(node as Statement | Expression)
  for (const value of Object.values(node)) if (typeof value === 'object') each(value, visit)
}
