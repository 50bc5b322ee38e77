/** Where scans of code keep what they learnt, and of which scanner it is. */
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { ScanCacheOptions } from '../../scanner/code/scan-code.ts'
import type { CommandContext } from './context.ts'

/** `undefined` where there is no home to keep it in, and when run from source: the scanner may change at any time. */
export function scanCacheOf({ env }: Pick<CommandContext, 'env'>): ScanCacheOptions | undefined {
  const version = builtFrom()
  const home = env['HOME'] ?? homedir()
  const caches = env['XDG_CACHE_HOME'] || (home === '' ? undefined : join(home, '.cache'))
  return version === undefined || caches === undefined
    ? undefined
    : { folder: join(caches, 'postern', 'scan'), version }
}

/** Written by the build: the hash of the scanner's own code. */
function builtFrom(): string | undefined {
  try {
    return readFileSync(new URL('../../scanner/built-from', import.meta.url), 'utf8')
  } catch {
    return undefined
  }
}
