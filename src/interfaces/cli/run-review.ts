/**
 * One run of an examination as `scan` and `review` share it: settings, review, reports, exit code.
 *
 * Every report that was asked for is tried, also when another could not be written; that is then exit 3.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { PosternError } from '../../base/model/errors.ts'
import { VERSION } from '../../base/model/version.ts'
import type { Review, ReviewOptions } from '../../scanner/manifest/review.ts'
import { readBaseline, writeBaseline } from '../../scanner/report/baseline.ts'
import { exitCode } from '../../scanner/report/exit-code.ts'
import { renderReport, wantsColour } from '../../scanner/report/render.ts'
import type { Report } from '../../scanner/report/report-types.ts'
import type { CommandContext, ExitCode } from './context.ts'
import { createProgress } from './progress.ts'
import { type ReportOutput, reportOutputs } from './report-outputs.ts'
import { readScanSettings, type ScanSettings } from './scan-settings.ts'
import { targetPath } from './scan-target.ts'
import { wrapLines } from './wrap.ts'

/** Narrower than this a terminal breaks lines better itself. */
const MIN_COLUMNS = 40

export type Examine = (paths: readonly string[], options: ExamineOptions) => Promise<Review>

interface ExamineOptions extends ReviewOptions {
  /** A line for whoever watches, beside the report. */
  readonly onNote: (text: string) => void
}

/** @param instead What stands on stdout in place of the text report. */
export async function runReview(
  context: CommandContext,
  targets: readonly string[],
  options: Readonly<Record<string, unknown>>,
  examine: Examine,
  instead?: () => string,
): Promise<ExitCode> {
  const quiet = options['quiet'] === true
  const outputs = reportOutputs(options, context.json)
  const settings = await readScanSettings(context, options, new Date().toISOString().slice(0, 10))
  const progress = createProgress(context.stderr, quiet, () => performance.now())
  const paths = [...new Set(targets.map(targetPath))]
  const review = async (baseline = settings.suppressions.baseline): Promise<Review> =>
    await examine(paths, {
      version: VERSION,
      suppressions: { ...settings.suppressions, baseline },
      onProgress: (text) => progress.show(text),
      onNote: (text) => {
        progress.clear()
        context.stderr.write(`${text}\n`)
      },
    })
  try {
    const first = await review()
    refuseToOverwrite(outputs, settings, first.sources)
    const written = settings.writeBaseline === undefined ? undefined : writeBaseline(first.report)
    // What the next run will say, so that whoever accepts findings sees what is left.
    const final =
      written === undefined ? first : await review(readBaseline(written, settings.writeBaseline ?? '').baseline)
    progress.clear()
    const reports = await reportFiles(outputs, final)
    const files =
      written !== undefined && settings.writeBaseline !== undefined && first.report.problems.length === 0
        ? [...reports, { file: settings.writeBaseline, text: written }]
        : reports
    const failed = !(await writeFiles(context, files))
    if (outputs[0].file === undefined)
      context.stdout.write(
        instead !== undefined && outputs[0].format === 'text'
          ? instead()
          : await onStdout(context, outputs[0], final, options),
      )
    else if (!quiet) context.stderr.write(`${summary(final.report)}\n`)
    if (!quiet && !failed) for (const { file } of files) context.stderr.write(`wrote ${file}\n`)
    return exitCode(final.report, { ...settings.gate, failed, onlyChanges: options['diff'] !== undefined })
  } finally {
    progress.clear()
  }
}

interface WrittenFile {
  readonly file: string
  readonly text: string
}

async function reportFiles(
  outputs: readonly ReportOutput[],
  { report, sources }: Review,
): Promise<readonly WrittenFile[]> {
  const files: WrittenFile[] = []
  for (const { format, file } of outputs)
    if (file !== undefined) files.push({ file, text: await renderReport(report, format, { sources }) })
  return files
}

async function onStdout(
  context: CommandContext,
  { format }: ReportOutput,
  { report, sources }: Review,
  options: Readonly<Record<string, unknown>>,
): Promise<string> {
  const colour = options['colour'] !== false && options['color'] !== false && wantsColour(context.stdout, context.env)
  const text = await renderReport(report, format, { sources, colour, quiet: options['quiet'] === true })
  const { columns } = context.stdout
  return format === 'text' && columns !== undefined ? wrapLines(text, Math.max(MIN_COLUMNS, columns)) : text
}

/** `--output gates.yaml` is a slip that would cost somebody the manifest. */
function refuseToOverwrite(
  outputs: readonly ReportOutput[],
  settings: ScanSettings,
  sources: ReadonlyMap<string, string>,
): void {
  const read = new Set([...settings.files, ...sources.keys()].map((file) => resolve(file)))
  const baseline = settings.writeBaseline
  const files = outputs.flatMap(({ file }) => (file === undefined ? [] : [file]))
  const taken =
    files.find((file) => read.has(resolve(file))) ??
    (baseline !== undefined && sources.has(targetPath(baseline)) ? baseline : undefined)
  if (taken !== undefined)
    throw new PosternError('VALIDATION_ERROR', `${taken} was read for this report and is not written over.`)
}

/** @returns Whether all of them were written. */
async function writeFiles(context: CommandContext, files: readonly WrittenFile[]): Promise<boolean> {
  const outcomes = await Promise.all(
    files.map(async ({ file, text }) => {
      try {
        await mkdir(dirname(file), { recursive: true })
        await writeFile(file, text)
        return true
      } catch (error) {
        context.stderr.write(`postern: ${file} cannot be written: ${error instanceof Error ? error.message : error}\n`)
        return false
      }
    }),
  )
  return outcomes.every((written) => written)
}

function summary(report: Report): string {
  const score = report.score === null ? 'no score' : `score ${report.score} (${report.grade})`
  return `${report.decision}, ${score}, coverage ${report.coverage} %`
}
