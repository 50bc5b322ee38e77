/**
 * One JSONata expression in a QuickJS of its own: no clock, no chance, no network, nothing of the host; bounded in steps,
 * memory, depth and output. It runs in a thread that can be ended from outside, because some of what QuickJS does in one
 * step cannot be interrupted (padding a text to a billion characters takes a minute).
 */
import type { QuickJSContext, QuickJSHandle, QuickJSRuntime, QuickJSWASMModule } from 'quickjs-emscripten-core'
import type { TransformFailure } from '../../base/model/event.ts'
import { BOOT } from './transform-boot.ts'

export interface SandboxLimits {
  /** QuickJS asks every ten thousand of its steps, a millisecond or two, whether to go on. */
  readonly maxTurns: number
  readonly maxMemoryBytes: number
  /** UTF-8. */
  readonly maxOutputBytes: number
}

/** With more, QuickJS recurses deeper than the stack of the thread, and the thread is lost. */
const MAX_STACK_BYTES = 128 * 1024

/** JSONata's own bound on nested calls; its bound on sequences assigns to arrays what is frozen here. */
const JSONATA_OPTIONS = JSON.stringify({ stack: 300 })
/** Nested too deep, and a range of more than ten million. */
const JSONATA_LIMIT_CODES: readonly unknown[] = ['D1011', 'D2014']

export type SandboxAnswer =
  | { readonly ok: true; readonly output: string }
  /** `code` is JSONata's; `position` an offset into the expression. */
  | { readonly ok: false; readonly reason: TransformFailure; readonly code?: string; readonly position?: number }

export type SandboxCheck =
  | { readonly ok: true }
  | { readonly ok: false; readonly message: string; readonly position: number }

export interface Sandbox {
  readonly check: SandboxCheck
  /**
   * @param input The body, as JSON.
   * @param bindings What else the expression can name, as a JSON object.
   * @param time What `$now()` and `$millis()` say, in milliseconds since the epoch.
   */
  readonly run: (input: string, bindings: string, time: number) => SandboxAnswer
  /** Once a limit ended something, nobody knows what it left undone: no sandbox is used again after that. */
  readonly isSound: () => boolean
  readonly dispose: () => void
}

export interface SandboxOptions {
  readonly quickjs: QuickJSWASMModule
  /** The source of the JSONata library. */
  readonly library: string
  readonly limits: SandboxLimits
}

/** @throws Error when QuickJS itself is lost; so is the thread then. */
export function openSandbox({ quickjs, library, limits }: SandboxOptions, expression: string): Sandbox {
  const runtime = quickjs.newRuntime()
  runtime.setMemoryLimit(limits.maxMemoryBytes)
  runtime.setMaxStackSize(MAX_STACK_BYTES)
  const context = runtime.newContext()
  const boot = `(${BOOT.trim()})((module, exports) => {${library}\n})`
  const program = context.unwrapResult(context.evalCode(boot, 'transform'))
  let turns = 0
  let sound = true
  runtime.setInterruptHandler(() => ++turns > limits.maxTurns)

  function load(): SandboxCheck {
    using answer = call({ context, program }, 'load', [expression, JSONATA_OPTIONS])
    if (answer !== undefined) return readCheck(context.getString(answer))
    sound = false
    return { ok: false, message: 'This expression is too large or too deep.', position: 0 }
  }

  return {
    check: load(),
    run(input, bindings, time) {
      turns = 0
      const answer = runProgram({ context, runtime, program }, [input, bindings], time)
      if (answer === 'limit' || turns > limits.maxTurns) {
        sound = false
        return { ok: false, reason: 'transform_exceeded' }
      }
      const isTooLarge = answer.ok && Buffer.byteLength(answer.output) > limits.maxOutputBytes
      return isTooLarge ? { ok: false, reason: 'transform_too_large' } : answer
    },
    isSound: () => sound,
    dispose() {
      program.dispose()
      context.dispose()
      runtime.dispose()
    },
  }
}

function readCheck(text: string): SandboxCheck {
  const answer = JSON.parse(text) as { message?: string | null; refused?: string; position?: number }
  const position = answer.position ?? 0
  if (answer.refused !== undefined)
    return {
      ok: false,
      message: `\`$${answer.refused}\` gives another result each time and is not available.`,
      position,
    }
  if (answer.message === undefined) return { ok: true }
  return { ok: false, message: answer.message ?? 'This is not a JSONata expression.', position }
}

interface Machine {
  readonly context: QuickJSContext
  readonly runtime: QuickJSRuntime
  /** What the boot program gave: an object with `load` and `run`. */
  readonly program: QuickJSHandle
}

function runProgram(machine: Machine, texts: readonly string[], time: number): SandboxAnswer | 'limit' {
  const { context, runtime } = machine
  let answer: SandboxAnswer | 'limit' = 'limit'
  using done = context.newFunction('done', (output, failure) => {
    if (context.typeof(failure) === 'string') answer = readFailure(context.getString(failure))
    else if (context.typeof(output) === 'string') answer = { ok: true, output: context.getString(output) }
    else answer = { ok: false, reason: 'transform_empty' }
  })
  using clock = context.newNumber(time)
  const begun = call(machine, 'run', texts, [clock, done])
  begun?.dispose()
  if (begun === undefined) return 'limit'
  // What was begun goes on until nothing is left to do; an error here is a limit that ended it.
  const { error } = runtime.executePendingJobs()
  error?.dispose()
  return error === undefined ? answer : 'limit'
}

function readFailure(text: string): SandboxAnswer | 'limit' {
  const { code, position, limit } = JSON.parse(text) as { code: unknown; position: unknown; limit: boolean }
  if (limit) return 'limit'
  return {
    ok: false,
    reason: JSONATA_LIMIT_CODES.includes(code) ? 'transform_exceeded' : 'transform_failed',
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof position === 'number' ? { position } : {}),
  }
}

/** Calls a function of the boot program; `undefined` when a limit ended it. */
function call(
  { context, program }: Omit<Machine, 'runtime'>,
  name: 'load' | 'run',
  texts: readonly string[],
  more: readonly QuickJSHandle[] = [],
): QuickJSHandle | undefined {
  using method = context.getProp(program, name)
  const strings = texts.map((text) => context.newString(text))
  try {
    const result = context.callFunction(method, program, ...strings, ...more)
    if (result.error === undefined) return result.value
    result.error.dispose()
    return undefined
  } finally {
    for (const each of strings) each.dispose()
  }
}
