/** Builds dist/, or the folder given, from src/: plain files, one for one, so that a stack trace names what is in the repository. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
const dist = resolve(process.argv[2] ?? join(root, 'dist'))

rmSync(dist, { recursive: true, force: true })
execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', dist], {
  stdio: 'inherit',
  cwd: root,
})
chmodSync(join(dist, 'bin.js'), 0o755)
await packRegistry(join(dist, 'providers/registry.js'))
writeFileSync(
  join(dist, 'scanner/built-from'),
  hashOf(['base', 'catalogue', 'scanner'].map((room) => join(dist, room))),
)

/** Names what was built: a cache of scans is good for the scanner that wrote it, and for no other. */
function hashOf(folders) {
  const hash = createHash('sha256')
  for (const folder of folders)
    for (const name of readdirSync(folder, { recursive: true }).sort())
      if (name.endsWith('.js')) hash.update(name).update(readFileSync(join(folder, name)))
  return hash.digest('base64url')
}

/**
 * The registry reads its providers out of one JSON file: they are data, and a hundred modules take four times as long to
 * load (80 to 120 ms against 20 on the machine where this was measured). The modules stay, for who imports one of them.
 */
async function packRegistry(path) {
  const source = readFileSync(path, 'utf8')
  const { providers } = await import(pathToFileURL(path).href)
  let imports = 0
  const packed = source
    .replace(/^import \{ \w+ \} from ['"]\.\/definitions\/[^'"]+['"];\n/gm, () => {
      imports++
      return ''
    })
    .replace(
      /^const DEFINITIONS = \[[^\]]*\];$/m,
      "const DEFINITIONS = JSON.parse(readFileSync(new URL('definitions.json', import.meta.url), 'utf8'));",
    )
  assert.equal(imports, providers.size, 'the registry is not written as the build expects')
  writeFileSync(join(dirname(path), 'definitions.json'), JSON.stringify([...providers.values()]))
  writeFileSync(path, `import { readFileSync } from 'node:fs';\n${packed}`)
  const again = await import(`${pathToFileURL(path).href}?packed`)
  assert.deepEqual([...again.providers], [...providers], 'a definition holds what JSON cannot')
}
