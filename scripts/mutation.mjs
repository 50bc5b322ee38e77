/**
 * Changes the signature engine in one place at a time and asks whether a test notices. With names (`signed jwt`, or
 * paths) only those files; without, all of it, which takes half an hour on a quiet machine.
 */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const stryker = join(
  dirname(createRequire(import.meta.url).resolve('@stryker-mutator/core/package.json')),
  'bin/stryker.js',
)
const files = process.argv.slice(2).map((name) => `src/providers/${basename(name, '.ts')}.ts`)
const only = files.length === 0 ? [] : ['--mutate', files.join()]

const { status } = spawnSync(process.execPath, [stryker, 'run', ...only], { cwd: root, stdio: 'inherit' })
process.exitCode = status ?? 1
