/**
 * Runs the gateway until a signal ends it: the first asks it to finish what is under way, the second does not ask.
 */
import { setFlagsFromString } from 'node:v8'
import { readConfig } from '../../config/config.ts'
import { createLogger } from '../../observability/log.ts'
import type { CommandContext, ExitCode, Role, RunningGateway } from './context.ts'

export interface RunOptions {
  readonly roles: readonly Role[]
  readonly port: number | undefined
  readonly demo: boolean
  readonly onReady: (gateway: RunningGateway) => void
}

/**
 * How far the heap may grow before it is swept. Left to itself V8 lets it double or more, and under load the process
 * takes 220 MB for the 60 it uses; a receiver should be small and flat.
 */
const HEAP_GROWING_PERCENT = 75

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

export async function runGateway(
  context: CommandContext,
  { roles, port, demo, onReady }: RunOptions,
): Promise<ExitCode> {
  const environment = port === undefined ? context.env : { ...context.env, POSTERN_PORT: String(port) }
  const config = readConfig(environment)
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWING_PERCENT}`)
  const log = createLogger({ level: config.POSTERN_LOG_LEVEL })
  const ended = firstSignal()
  const gateway = await context.startGateway({ config, roles, log, demo })
  onReady(gateway)
  const signal = await ended
  log.info({ signal }, 'stopping')
  for (const again of SIGNALS) {
    process.once(again, () => {
      log.fatal('stopped by a second signal')
      process.exit(3)
    })
  }
  await gateway.close()
  return 0
}

function firstSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of SIGNALS) process.once(signal, () => resolve(signal))
  })
}
