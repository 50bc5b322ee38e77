/** The entries of folders, each read once for everybody who looks for his kind of file in the same tree. */
import { type Dirent, readdirSync } from 'node:fs'

/** @returns The entries of a folder as the system gives them; `undefined` when it cannot be read. */
export type ReadFolder = (folder: string) => readonly Dirent[] | undefined

export function folderReader(): ReadFolder {
  const known = new Map<string, readonly Dirent[] | undefined>()
  return (folder) => {
    if (!known.has(folder)) known.set(folder, entriesOf(folder))
    return known.get(folder)
  }
}

function entriesOf(folder: string): readonly Dirent[] | undefined {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return undefined
  }
}
