/** Small edits of a request that is about to be signed: of our own samples, never of anything received. */
import { compileBodyPath, readBodyPath, type Steps } from './body-path.ts'
import type { BodyPath } from './definition.ts'

/** Sets one value of a JSON body; `[*]` means the first element. A number stays one where a number stood. */
export function editJson(body: Buffer, path: BodyPath, text: string): Buffer {
  let json: unknown
  try {
    json = JSON.parse(body.toString('utf8'))
  } catch {
    // A body of the caller's own that is no JSON is sent as it is.
    return body
  }
  const steps = compileBodyPath(path)
  const value = typeof readBodyPath(json, steps) === 'number' ? Number(text) : text
  return Buffer.from(JSON.stringify(set(json, steps, value)), 'utf8')
}

function set(json: unknown, [step, ...rest]: Steps, value: unknown): unknown {
  if (step === undefined) return value
  if (typeof step === 'string') {
    const object = typeof json === 'object' && json !== null && !Array.isArray(json) ? json : {}
    return { ...object, [step]: set(Reflect.get(object, step), rest, value) }
  }
  const list = Array.isArray(json) ? [...json] : []
  const index = typeof step === 'number' ? step : 0
  list[index] = set(list[index], rest, value)
  return list
}

export function withQuery(url: string, name: string, value: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}${encodeURIComponent(name)}=${encodeURIComponent(value)}`
}

export function withField(body: Buffer, name: string, value: string): Buffer {
  const start = body.length === 0 ? '' : '&'
  return Buffer.concat([body, Buffer.from(`${start}${encodeURIComponent(name)}=${encodeURIComponent(value)}`)])
}
