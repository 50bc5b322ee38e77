import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { createProgress } from './progress.ts'

function aStream(isTTY: boolean) {
  const written: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      written.push(String(chunk))
      done()
    },
  })
  return { written, stream: Object.assign(stream, { isTTY }) }
}

test('a long run on a terminal is told, and its line is wiped', () => {
  const { written, stream } = aStream(true)
  let now = 0
  const progress = createProgress(stream, false, () => now)
  progress.show('reading: 1 file')
  now = 600
  progress.show('reading: 2 files')
  now = 610
  progress.show('reading: 3 files')
  progress.clear()
  progress.clear()
  expect(written).toEqual(['\r\u001b[Kreading: 2 files', '\r\u001b[K'])
})

test.each([
  ['a pipe', false, false],
  ['--quiet', true, true],
])('%s sees nothing', (_, isTTY, quiet) => {
  const { written, stream } = aStream(isTTY)
  let now = 0
  const progress = createProgress(stream, quiet, () => now)
  now = 10_000
  progress.show('reading: 2 files')
  progress.clear()
  expect(written).toEqual([])
})
