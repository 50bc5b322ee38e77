/** Options of the form `name=value`, given as often as there are values. */
import { PosternError } from '../../base/model/errors.ts'
import { texts } from './list.ts'

/** @throws PosternError `VALIDATION_ERROR` for what has no name or comes twice. */
export function namedValues(option: string, given: unknown): Readonly<Record<string, string>> {
  const values = new Map<string, string>()
  for (const each of texts(given) ?? []) {
    const at = each.indexOf('=')
    if (at < 1) throw new PosternError('VALIDATION_ERROR', `--${option} must be name=value.`)
    const name = each.slice(0, at)
    if (values.has(name)) throw new PosternError('VALIDATION_ERROR', `--${option} ${name}=… is given twice.`)
    values.set(name, each.slice(at + 1))
  }
  return Object.fromEntries(values)
}
