/** Jobs in a description: the operation that starts one, and those at which it is watched, ended and fetched. */
import type { SpecDocument, SpecOperation } from './model.ts'
import { fieldsOf } from './schema.ts'

export interface Job {
  readonly create: SpecOperation
  readonly steps: readonly JobStep[]
  /** The answer says where to look, though no operation of the document could be found for it. */
  readonly pointer: string | undefined
}

export interface JobStep {
  readonly is: 'status' | 'result' | 'cancel'
  readonly operation: SpecOperation
}

const jobsOf = new WeakMap<SpecDocument, ReadonlyMap<SpecOperation, Job>>()
const stepsOf = new WeakMap<SpecDocument, ReadonlySet<SpecOperation>>()

/** By the operation that starts it. */
export function jobsIn(document: SpecDocument): ReadonlyMap<SpecOperation, Job> {
  const known = jobsOf.get(document)
  if (known !== undefined) return known
  const paths: Paths = { byId: new Map(), byBase: new Map(), byParameter: new Map() }
  for (const operation of document.operations) {
    if (operation.place !== 'path') continue
    if (operation.operationId !== undefined) add(paths.byId, operation.operationId.text, operation)
    add(paths.byBase, stepOf(operation.path)[0], operation)
    add(paths.byParameter, plain(LAST_PARAMETER.exec(operation.path)?.[1] ?? ''), operation)
  }
  const jobs = new Map(
    document.operations
      .filter(({ place, method, answers }) => place === 'path' && method === 'POST' && answers.some(isAccepted))
      .map((create) => [create, jobOf(create, paths, document)] as const),
  )
  jobsOf.set(document, jobs)
  return jobs
}

/** The operations of a document by what leads to them. */
interface Paths {
  readonly byId: Map<string, SpecOperation[]>
  readonly byBase: Map<string, SpecOperation[]>
  readonly byParameter: Map<string, SpecOperation[]>
}

const LAST_PARAMETER = /\{([^{}]+)\}(?:\/[a-z_-]+)?\/?$/i

function add(map: Map<string, SpecOperation[]>, key: string, operation: SpecOperation): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [operation])
  else list.push(operation)
}

function isAccepted({ status }: SpecOperation['answers'][number]): boolean {
  return status === '202'
}

export function isJobStep(operation: SpecOperation, document: SpecDocument): boolean {
  const known = stepsOf.get(document)
  if (known !== undefined) return known.has(operation)
  const steps = new Set([...jobsIn(document).values()].flatMap((job) => job.steps.map((step) => step.operation)))
  stepsOf.set(document, steps)
  return steps.has(operation)
}

function jobOf(create: SpecOperation, paths: Paths, document: SpecDocument): Job {
  const answers = create.answers.filter(isAccepted)
  const fields = answers.flatMap(({ schemas }) => schemas.flatMap((schema) => fieldsOf(document.references, schema, 2)))
  const links = [...new Set(answers.flatMap((answer) => answer.links))]
  // The id that the answer gives, as the last parameter of another path: `jobId` and `/jobs/{jobId}`.
  const ids = fields.filter(({ name }) => /.[_-]?id$/i.test(name) && !/^id$/i.test(name)).map(({ name }) => plain(name))
  const near = [
    ...links.flatMap((link) => paths.byId.get(link) ?? []),
    ...(paths.byBase.get(trimmed(create.path)) ?? []),
    ...ids.flatMap((id) => paths.byParameter.get(id) ?? []),
  ]
  const steps = [...new Set(near)].flatMap((operation): readonly JobStep[] => {
    const is = kindOf(operation)
    return operation === create || is === undefined ? [] : [{ is, operation }]
  })
  const header = answers
    .flatMap(({ headers }) => headers)
    .find((name) => /^(?:operation-|content-)?location$|^link$/.test(name))
  const field = fields.find(({ name }) => POINTER.test(name))
  return { create, steps, pointer: header ?? field?.path ?? links[0] }
}

const POINTER =
  /^(?:(?:status|result|poll|job|self|monitor|operation|tracking|location)[_-]?(?:url|uri|href|link)|location|_?links|href|self)$/i

/** `/jobs/{id}/status` stands below `/jobs`. */
function stepOf(path: string): readonly [base: string, step: string] {
  const match = /^(.*)\/\{[^{}]+\}(?:\/([a-z_-]+))?\/?$/i.exec(path)
  return match === null ? ['', ''] : [trimmed(match[1] ?? ''), (match[2] ?? '').toLowerCase()]
}

function kindOf({ method, path }: SpecOperation): JobStep['is'] | undefined {
  const [, step] = stepOf(path)
  if (/^(?:cancel|abort|stop)$/.test(step)) return 'cancel'
  if (method === 'DELETE' && step === '') return 'cancel'
  if (method !== 'GET') return undefined
  if (/^(?:results?|download|file|output|content|data|artifacts?)$/.test(step)) return 'result'
  return step === '' || /^(?:status|state|progress)$/.test(step) || !path.includes('{') ? 'status' : undefined
}

function trimmed(path: string): string {
  return path.replace(/\/+$/, '')
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, '')
}
