#!/usr/bin/env node
/** The entry of the command `postern`: argv and environment enter here and nowhere else. */
import { main } from './interfaces/cli/main.ts'

// A reader that has seen enough, such as `| head`, is no fault: the command ends with the exit code it came to.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

process.exitCode = await main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  startGateway: async (options) => (await import('./app.ts')).startGateway(options),
})
