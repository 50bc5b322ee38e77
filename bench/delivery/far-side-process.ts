/** The provider and the receiver seen from the benchmark: a child process that sends, receives and tells. */
import { join } from 'node:path'
import { message, startModule } from '../ingest/child.ts'
import type { FarSideMessage, RunOrder, RunResult } from './far-side.ts'

export interface FarSide extends AsyncDisposable {
  /** Where deliveries go; with `slow` each is answered after a second. */
  url(path: 'sink' | 'slow'): string
  run(order: Omit<RunOrder, 'acknowledgedFile'>): Promise<RunResult & { readonly acknowledgedFile: string }>
}

/** @param folder For lists of what was acknowledged. */
export async function startFarSide(folder: string): Promise<FarSide> {
  const child = startModule(new URL('./far-side.ts', import.meta.url), { PATH: process.env['PATH'] })
  // Our own child, our own protocol.
  const first = (await message(child)) as FarSideMessage
  if (!('port' in first)) throw new Error('the receiver did not say its port')
  let runs = 0
  return {
    url: (path) => `http://127.0.0.1:${first.port}/${path}`,
    async run(order) {
      runs += 1
      const acknowledgedFile = join(folder, `run-${runs}.tsv`)
      const answered = message(child)
      child.process.send({ ...order, acknowledgedFile })
      const answer = (await answered) as FarSideMessage
      if (!('result' in answer)) throw new Error('the far side answered something else')
      return { ...answer.result, acknowledgedFile }
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  }
}
