/** Keeps the server's log within bounds: two files of 8 MiB. */
import { copyFile, stat, truncate } from 'node:fs/promises'

const MAX_BYTES = 8 * 1024 * 1024

/**
 * Copied and cut, not renamed: the server holds the file open (appending) and may outlive us, so nobody could tell
 * it to open another. Lines written between the two steps are lost.
 */
export async function boundLog(path: string, maxBytes = MAX_BYTES): Promise<void> {
  const { size } = await stat(path).catch(() => ({ size: 0 }))
  if (size <= maxBytes) return
  await copyFile(path, `${path}.1`)
  await truncate(path)
}
