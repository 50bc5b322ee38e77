/**
 * Where a report goes: stdout or files, in one format or several, from the options of `scan` and `review`.
 *
 * Reads no file and writes none. The formats stand here a second time, tied to the writers by their type, so that
 * `--help` lists them without loading a single writer.
 */
import { extname, resolve } from 'node:path'
import { PosternError } from '../../base/model/errors.ts'
import type { ReportFormat } from '../../scanner/report/render.ts'

/** Each format with the file name extensions that mean it. */
const EXTENSIONS: Readonly<Record<ReportFormat, readonly string[]>> = {
  text: ['.txt'],
  json: ['.json'],
  sarif: ['.sarif'],
  markdown: ['.md', '.markdown'],
  html: ['.html', '.htm'],
  junit: ['.xml'],
  github: [],
}

export const FORMATS: readonly string[] = Object.keys(EXTENSIONS)

export interface ReportOutput {
  readonly format: ReportFormat
  /** Standard output when missing. */
  readonly file: string | undefined
}

/**
 * The first output is what `--format` and `--output` ask for, the others come from `--output.<format>`.
 *
 * @throws PosternError `VALIDATION_ERROR` when two reports would be written to one file, or `--json` contradicts.
 */
export function reportOutputs(
  options: Readonly<Record<string, unknown>>,
  json: boolean,
): readonly [ReportOutput, ...ReportOutput[]] {
  const asked = formats().find((format) => format === options['format'])
  if (json && asked !== undefined && asked !== 'json')
    throw new PosternError('VALIDATION_ERROR', `--json and --format ${asked} contradict each other.`)
  const file = textOf(options['output'])
  const first: ReportOutput = { format: asked ?? (json ? 'json' : formatOfFile(file)), file }
  const more = formats().flatMap((format): readonly ReportOutput[] => {
    const other = textOf(options[`output.${format}`])
    return other === undefined ? [] : [{ format, file: other }]
  })
  const files = [first, ...more].flatMap((output) => (output.file === undefined ? [] : [resolve(output.file)]))
  const twice = files.find((path, index) => files.indexOf(path) !== index)
  if (twice !== undefined) throw new PosternError('VALIDATION_ERROR', `Two reports would be written to ${twice}.`)
  return [first, ...more]
}

function formats(): readonly ReportFormat[] {
  return Object.keys(EXTENSIONS) as ReportFormat[]
}

function formatOfFile(file: string | undefined): ReportFormat {
  const extension = extname(file ?? '').toLowerCase()
  return formats().find((format) => EXTENSIONS[format].includes(extension)) ?? 'text'
}

function textOf(option: unknown): string | undefined {
  return typeof option === 'string' ? option : undefined
}
