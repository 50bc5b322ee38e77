/**
 * What a command may touch: streams, environment, and a way to start the gateway without importing it.
 */
import type { Readable, Writable } from 'node:stream'
import type { Config } from '../../config/config.ts'
import type { Logger } from '../../observability/log.ts'

/** Parts of the gateway that one process can play. */
export const ROLES = ['ingress', 'worker', 'api'] as const
export type Role = (typeof ROLES)[number]

export interface StartOptions {
  readonly config: Config
  readonly roles: readonly Role[]
  readonly log: Logger
  /** Make integrations for trying Postern, delivering to the sink. */
  readonly demo: boolean
}

export interface RunningGateway {
  /** `http://127.0.0.1:8400` */
  readonly address: string
  /** Where the generated management key lies, when one was made in this start. */
  readonly newKeyFile: string | undefined
  /** What the demo made; empty without it. */
  readonly demo: readonly { readonly provider: string; readonly receivePath: string }[]
  close(): Promise<void>
}

export interface CliIo {
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  readonly stderr: Writable & { readonly isTTY?: boolean }
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly env: Readonly<Record<string, string | undefined>>
  startGateway(options: StartOptions): Promise<RunningGateway>
}

/** Given to every command. */
export interface CommandContext extends CliIo {
  /** `--json`: one JSON value on stdout and nothing else. */
  readonly json: boolean
}

/** 0 done · 1 the answer is no · 2 usage or configuration · 3 something failed · 4 incomplete. */
export type ExitCode = 0 | 1 | 2 | 3 | 4
