import { basename } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The tests that judge the engine in milliseconds, in the order in which they are asked: most mutants die in the first. */
const FILES = [
  'body-path',
  'decode',
  'form',
  'template',
  'candidates',
  'request',
  'source',
  'cases',
  'identity',
  'canonical-query',
  'element',
  'key-window',
  'remote',
  'key-forms',
  'keys',
  'compile',
  'signed',
  'jwt-rules',
  'shared-secret',
  'handshake',
  'handshake-vectors',
  'vectors',
  'families',
  'public-keys',
  'resolve-keys',
  'jwt',
  'payload',
  'derived-shared',
]

class FastFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => FILES.indexOf(basename(moduleId, '.test.ts'))
    return [...files].sort((a, b) => place(a) - place(b))
  }
}

export default defineConfig({
  test: {
    include: FILES.map((name) => `src/providers/${name}.test.ts`),
    setupFiles: ['test/support/first-failure.ts'],
    testTimeout: 60_000,
    pool: 'threads',
    isolate: false,
    fileParallelism: false,
    sequence: { sequencer: FastFirst },
  },
})
