/** The load generator seen from the benchmark: a child process that signs, then sends, then tells. */
import { join } from 'node:path'
import type { LoadReply, LoadResult, LoadTarget, SendOrder, SignOrder } from '../load.ts'
import { message, startModule } from './child.ts'

export interface Generator extends AsyncDisposable {
  sign(target: LoadTarget, count: number, size: number): Promise<void>
  send(connections: number, seconds: number): Promise<LoadResult>
  /** One file for each `send` so far. */
  readonly acknowledgedFiles: readonly string[]
}

export function startGenerator(folder: string, name: string): Generator {
  const child = startModule(new URL('../load.ts', import.meta.url), { PATH: process.env['PATH'] })
  const acknowledgedFiles: string[] = []

  async function ask(order: SignOrder | SendOrder): Promise<LoadReply> {
    const answered = message(child)
    child.process.send(order)
    return (await answered) as LoadReply // our own child, our own protocol
  }

  return {
    acknowledgedFiles,
    async sign(target, count, size) {
      await ask({ order: 'sign', target, count, size })
    },
    async send(connections, seconds) {
      const acknowledgedFile = join(folder, `${name}-${acknowledgedFiles.length}.tsv`)
      const answer = await ask({ order: 'send', connections, seconds, acknowledgedFile })
      if (answer.reply !== 'sent') throw new Error('the generator answered something else')
      acknowledgedFiles.push(acknowledgedFile)
      return answer.result
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  }
}
