/**
 * What an earlier scan of the same targets learnt, by the content of what it read.
 *
 * A file whose size and times are as they were is not read again; a project is not examined again while every file that
 * was read for it holds the same, and no file came or went anywhere. A cache that cannot be read, or that another
 * version wrote, is no cache.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KnownFile } from './project/read-entry.ts'
import type { ScannedProject } from './scan-project.ts'

export interface ScanMemory {
  readonly files: ReadonlyMap<string, KnownFile>
  /** By the key of the project. */
  readonly projects: ReadonlyMap<string, ScannedProject>
}

export const NO_MEMORY: ScanMemory = { files: new Map(), projects: new Map() }

const MAX_CACHE_BYTES = 64 * 1024 * 1024
const KEPT_DAYS = 30

/** @param listing Hash of the names of all files: an import may lead to a file that was not there before. */
export function projectKey(listing: string, candidates: readonly string[]): string {
  return createHash('sha256')
    .update(`${listing}\n${candidates.join('\n')}`)
    .digest('base64url')
}

export function readMemory(file: string, version: string): ScanMemory {
  try {
    if (statSync(file).size > MAX_CACHE_BYTES) return NO_MEMORY
    const text = readFileSync(file, 'utf8')
    const end = text.indexOf('\n')
    if (text.slice(0, end) !== digest(version, text.slice(end + 1))) return NO_MEMORY
    const { files, projects } = JSON.parse(text.slice(end + 1)) as {
      readonly files: readonly (readonly [string, KnownFile])[]
      readonly projects: readonly (readonly [string, ScannedProject])[]
    }
    return { files: new Map(files), projects: new Map(projects) }
  } catch {
    return NO_MEMORY
  }
}

/** A cache that cannot be written is slow, not wrong. */
export function writeMemory(folder: string, file: string, version: string, memory: ScanMemory): void {
  try {
    const text = JSON.stringify({ files: [...memory.files], projects: [...memory.projects] })
    if (text.length > MAX_CACHE_BYTES) return
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const unfinished = `${file}.${process.pid}`
    writeFileSync(unfinished, `${digest(version, text)}\n${text}`, { mode: 0o600 })
    renameSync(unfinished, file)
    forgetOld(folder)
  } catch {
    // The next scan reads everything again.
  }
}

export function memoryFile(folder: string, targets: readonly string[]): string {
  return join(folder, `${createHash('sha256').update(targets.join('\n')).digest('hex').slice(0, 32)}.json`)
}

function digest(version: string, text: string): string {
  return createHash('sha256').update(`${version}\n`).update(text).digest('base64url')
}

function forgetOld(folder: string): void {
  const oldest = Date.now() - KEPT_DAYS * 24 * 3600 * 1000
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    // Also what a scan that was ended left unfinished.
    if (statSync(path).mtimeMs < oldest) rmSync(path, { force: true })
  }
}
