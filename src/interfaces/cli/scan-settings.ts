/**
 * What decides a run besides the evidence: `postern.config.yaml`, the baseline and the options, which win.
 *
 * A configuration or baseline that cannot be read, or says something unknown, ends the run before anything is
 * examined: a waiver with a typing error must not look like a pass, nor like a finding.
 */
import { access } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type FieldError, PosternError } from '../../base/model/errors.ts'
import { SEVERITIES } from '../../catalogue/severity.ts'
import { type Baseline, readBaseline } from '../../scanner/report/baseline.ts'
import type { Gate } from '../../scanner/report/exit-code.ts'
import type { Message } from '../../scanner/report/report-types.ts'
import { DEFAULT_SETTINGS, readSettings, type Settings } from '../../scanner/report/settings.ts'
import type { Suppressions } from '../../scanner/report/suppress.ts'
import type { CommandContext } from './context.ts'
import { readInput } from './input.ts'

export interface ScanSettings {
  readonly gate: Gate
  readonly suppressions: Suppressions
  /** Where `--write-baseline` writes. */
  readonly writeBaseline: string | undefined
  /** What was read to get here; no report may be written over it. */
  readonly files: readonly string[]
}

const CONFIG_NAMES = ['postern.config.yaml', 'postern.config.yml']

/** @throws PosternError `VALIDATION_ERROR` with file, line and column of each problem. */
export async function readScanSettings(
  context: CommandContext,
  options: Readonly<Record<string, unknown>>,
  today: string,
): Promise<ScanSettings> {
  const config = textOf(options['config']) ?? (await configHere())
  const settings = config === undefined ? DEFAULT_SETTINGS : await readConfig(context, config)
  const baselineFile = textOf(options['baseline']) ?? besideConfig(config, settings.baseline)
  const writing = options['writeBaseline'] === true
  if (writing && baselineFile === undefined) {
    throw new PosternError(
      'VALIDATION_ERROR',
      '--write-baseline needs a file: name it with --baseline FILE, or with baseline in the configuration.',
    )
  }
  const baseline = await baselineOf(context, baselineFile, writing)
  return {
    gate: gateOf(options, settings),
    suppressions: {
      today,
      severities: settings.severities,
      // Configurations name surfaces too; found in a folder they would be taken for manifests.
      excludedPaths: [...settings.excludedPaths, ...CONFIG_NAMES.map((name) => `**/${name}`)],
      waivers: settings.waivers,
      baseline,
    },
    writeBaseline: writing ? baselineFile : undefined,
    files: [config, baselineFile].filter((file) => file !== undefined),
  }
}

/** A file that cannot be read as a baseline; used for the problems of a configuration as well. */
export function refuseFile(file: string, problems: readonly Message[]): never {
  const errors = problems.map(
    ({ line, column, message }): FieldError => ({ path: `${file}:${line}:${column}`, message }),
  )
  throw new PosternError('VALIDATION_ERROR', `${file} cannot be used.`, { errors })
}

async function configHere(): Promise<string | undefined> {
  for (const name of CONFIG_NAMES) if (await exists(name)) return name
  return undefined
}

async function readConfig(context: CommandContext, file: string): Promise<Settings> {
  const { settings, problems } = readSettings(await readUtf8(context, file), file, await knownRules())
  return problems.length === 0 ? settings : refuseFile(file, problems)
}

/** Only for those who have a configuration: the prober is loaded for its names. */
async function knownRules(): Promise<ReadonlySet<string>> {
  const { PROBES } = await import('../../scanner/live/probes/registry.ts')
  const { ALL_RULES } = await import('../../scanner/rules/registry.ts')
  return new Set([...ALL_RULES, ...PROBES].map(({ id }) => id))
}

/** A baseline that is about to be written counts for nothing yet, but only a baseline may be written over. */
async function baselineOf(context: CommandContext, file: string | undefined, writing: boolean): Promise<Baseline> {
  if (file === undefined || (writing && !(await exists(file)))) return []
  const { baseline, problems } = readBaseline(await readUtf8(context, file), file)
  if (problems.length > 0) refuseFile(file, problems)
  return writing ? [] : baseline
}

function besideConfig(config: string | undefined, baseline: string | undefined): string | undefined {
  return config === undefined || baseline === undefined ? undefined : join(dirname(config), baseline)
}

function gateOf(options: Readonly<Record<string, unknown>>, settings: Settings): Gate {
  return {
    failOn: SEVERITIES.find((severity) => severity === options['failOn']) ?? settings.failOn,
    minScore: numberOf(options['minScore']) ?? settings.minScore,
    minCoverage: numberOf(options['minCoverage']) ?? settings.minCoverage,
  }
}

async function readUtf8(context: CommandContext, file: string): Promise<string> {
  const bytes = await readInput(file, context.stdin)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new PosternError('VALIDATION_ERROR', `${file} is not text in UTF-8.`, { cause })
  }
}

async function exists(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  )
}

function textOf(option: unknown): string | undefined {
  return typeof option === 'string' && option !== '' ? option : undefined
}

function numberOf(option: unknown): number | undefined {
  return typeof option === 'number' ? option : undefined
}
