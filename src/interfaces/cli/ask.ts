/** Questions on a terminal. What is typed at a secret is not shown. */
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { PosternError } from '../../base/model/errors.ts'
import type { CommandContext } from './context.ts'

export interface Asker {
  /** @returns What was typed, without white space around it; empty when only Enter was pressed. */
  ask(question: string, hidden?: boolean): Promise<string>
  close(): void
}

/** @returns `undefined` where nobody can be asked. */
export function openAsker({ stdin, stderr, json }: CommandContext): Asker | undefined {
  if (stdin.isTTY !== true || stderr.isTTY !== true || json) return undefined
  let muted = false
  // Readline echoes what it reads; questions go to stderr, so that stdout stays the command's result.
  const output = new Writable({
    write(chunk, _encoding, done) {
      if (!muted) stderr.write(chunk)
      done()
    },
  })
  const lines = createInterface({ input: stdin, output, terminal: true })
  const gone = new Promise<never>((_, reject) => {
    lines.once('close', () => reject(new PosternError('VALIDATION_ERROR', 'Nothing was changed.')))
  })
  gone.catch(() => undefined)
  return {
    async ask(question, hidden = false) {
      // Readline writes the question at once and redraws it while it is edited; only then is the echo taken away.
      const answer = lines.question(question)
      muted = hidden
      try {
        return (await Promise.race([answer, gone])).trim()
      } finally {
        muted = false
        if (hidden) stderr.write('\n')
      }
    },
    close: () => lines.close(),
  }
}
