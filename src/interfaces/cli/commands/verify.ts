import { PosternError } from '../../../base/model/errors.ts'
import { checkHandshakeVector, type HandshakeLine, isHandshakeVector } from '../../../providers/handshake-vectors.ts'
import { findProvider } from '../../../providers/registry.ts'
import { checkVectors, type VectorLine } from '../../../providers/vectors.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { readInput } from '../input.ts'
import { printJson } from '../output.ts'

/** 0 all agree · 1 one does not · 4 all that could be judged agree, but some could not. */
export async function verifyVectors(
  context: CommandContext,
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const file = String(options['vectors'])
  const lines = check(parse((await readInput(file, context.stdin)).toString(), file))
  if (context.json) printJson(context, lines)
  else for (const line of lines) context.stdout.write(`${JSON.stringify(line)}\n`)
  const unsupported = lines.filter((line) => line.actual === 'unsupported')
  const wrong = lines.filter((line) => line.actual !== 'unsupported' && line.actual !== line.expect)
  if (!context.json) {
    context.stderr.write(
      `${lines.length} vectors: ${lines.length - wrong.length - unsupported.length} agree, ${wrong.length} disagree, ${unsupported.length} could not be judged\n`,
    )
  }
  if (wrong.length > 0) return 1
  return unsupported.length > 0 || lines.length === 0 ? 4 : 0
}

/** Signatures and set-up exchanges, mixed as they come; each gives its own line. */
function check(json: unknown): readonly (VectorLine | HandshakeLine)[] {
  const list: unknown = typeof json === 'object' && json !== null && 'vectors' in json ? json.vectors : json
  if (!Array.isArray(list)) return checkVectors(json, findProvider)
  return list.flatMap((each: unknown): readonly (VectorLine | HandshakeLine)[] =>
    isHandshakeVector(each) ? [checkHandshakeVector(each, findProvider)] : checkVectors([each], findProvider),
  )
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new PosternError('VALIDATION_ERROR', `${file} is not JSON: ${cause instanceof Error ? cause.message : ''}`, {
      cause,
    })
  }
}
