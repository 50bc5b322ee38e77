/** What the declarations of commands share: how a command is loaded, and how the values of options are read. */
import { type Command, InvalidArgumentError } from 'commander'
import type { CommandContext, ExitCode } from './context.ts'

export type Action = (
  context: CommandContext,
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
) => Promise<ExitCode>

/** Turns a command that is yet to be loaded into what commander calls. */
export type Run = (load: () => Promise<Action>) => (...received: unknown[]) => Promise<void>

export function addPaging(command: Command): Command {
  return command
    .option('--limit <n>', 'how many, at most 100', positive, 20)
    .option('--cursor <cursor>', 'go on from where the last page ended')
}

export function repeated(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text]
}

export function positive(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('must be a whole number from 1.')
  return value
}

export function atLeastZero(text: string): number {
  return text === '0' ? 0 : positive(text)
}

/** A limit, or `none` to lift it. */
export function limit(text: string): number | null {
  return text === 'none' ? null : positive(text)
}

/** For options that take several. */
export function whole(text: string, before: readonly number[] = []): readonly number[] {
  return [...before, positive(text)]
}
