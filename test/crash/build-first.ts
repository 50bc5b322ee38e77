/** What is killed is the program as it is published: it is built when the source is newer, and what killed runs left is removed. */
import { execFileSync } from 'node:child_process'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { removeAbandonedClusters } from '../support/cluster.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export default async function setup(): Promise<void> {
  await removeAbandonedClusters()
  if (await isBuilt()) return
  execFileSync(process.execPath, [join(ROOT, 'scripts/build.mjs')], { cwd: ROOT, stdio: 'inherit' })
}

async function isBuilt(): Promise<boolean> {
  const builtAt = await stat(join(ROOT, 'dist/bin.js')).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )
  const names = await readdir(join(ROOT, 'src'), { recursive: true })
  const sources = names.filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  const times = await Promise.all(sources.map(async (name) => (await stat(join(ROOT, 'src', name))).mtimeMs))
  return Math.max(...times) <= builtAt
}
