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

/** By the operation that starts it. */
export function jobsIn(document: SpecDocument): ReadonlyMap<SpecOperation, Job> {
  const known = jobsOf.get(document)
  if (known !== undefined) return known
  const paths = document.operations.filter(({ place }) => place === 'path')
  const byBase = new Map<string, SpecOperation[]>()
  for (const operation of paths) {
    const [base] = stepOf(operation.path)
    byBase.set(base, [...(byBase.get(base) ?? []), operation])
  }
  const jobs = new Map(
    paths
      .filter(({ method, answers }) => method === 'POST' && answers.some(({ status }) => status === '202'))
      .map((create) => [create, jobOf(create, paths, byBase, document)] as const),
  )
  jobsOf.set(document, jobs)
  return jobs
}

export function isJobStep(operation: SpecOperation, document: SpecDocument): boolean {
  return [...jobsIn(document).values()].some(({ steps }) => steps.some((step) => step.operation === operation))
}

function jobOf(
  create: SpecOperation,
  paths: readonly SpecOperation[],
  byBase: ReadonlyMap<string, readonly SpecOperation[]>,
  document: SpecDocument,
): Job {
  const answers = create.answers.filter(({ status }) => status === '202')
  const fields = answers.flatMap(({ schemas }) => schemas.flatMap((schema) => fieldsOf(document.references, schema, 2)))
  const links = new Set(answers.flatMap((answer) => answer.links))
  const linked = paths.filter(({ operationId }) => operationId !== undefined && links.has(operationId.text))
  const below = byBase.get(trimmed(create.path)) ?? []
  // The id that the answer gives, as the last parameter of another path: `jobId` and `/jobs/{jobId}`.
  const ids = new Set(
    fields.filter(({ name }) => /.[_-]?id$/i.test(name) && !/^id$/i.test(name)).map(({ name }) => plain(name)),
  )
  const byId = paths.filter(({ path }) => ids.has(plain(/\{([^{}]+)\}(?:\/[a-z_-]+)?\/?$/i.exec(path)?.[1] ?? '')))
  const steps = [...new Set([...linked, ...below, ...byId])].flatMap((operation): readonly JobStep[] => {
    const is = kindOf(operation)
    return operation === create || is === undefined ? [] : [{ is, operation }]
  })
  const header = answers
    .flatMap(({ headers }) => headers)
    .find((name) => /^(?:operation-|content-)?location$|^link$/.test(name))
  const field = fields.find(({ name }) =>
    /^(?:(?:status|result|poll|job|self|monitor|operation|tracking|location)[_-]?(?:url|uri|href|link)|location|_?links|href|self)$/i.test(
      name,
    ),
  )
  const link = [...links][0]
  return { create, steps, pointer: header ?? field?.path ?? link }
}

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
