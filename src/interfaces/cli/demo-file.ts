/**
 * What `postern up --demo` leaves for `postern send`: the generated secrets of the demo integrations, readable
 * by their owner only.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const DEMO_FILE = 'demo.json'

export interface DemoEntry {
  readonly provider: string
  readonly receivePath: string
  readonly secret: string
}

export function readDemo(env: Readonly<Record<string, string | undefined>>, provider: string): DemoEntry | undefined {
  try {
    const entries = JSON.parse(
      readFileSync(join(env['POSTERN_DATA_DIR'] || './.postern', DEMO_FILE), 'utf8'),
    ) as readonly DemoEntry[]
    return entries.find((entry) => entry.provider === provider)
  } catch {
    // No demo here: the caller asks for a secret.
    return undefined
  }
}
