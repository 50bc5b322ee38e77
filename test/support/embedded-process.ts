/** A gateway's worth of process for tests that kill one: starts the embedded database, says where, closes it when its stdin ends. */
import { once } from 'node:events'
import pino from 'pino'
import { startEmbedded } from '../../src/resources/store/embedded/start-embedded.ts'

const [, , dataDir = ''] = process.argv
const database = await startEmbedded({ dataDir, log: pino({ level: 'silent' }) })
process.stdout.write(`${database.url}\n`)
process.stdin.resume()
await once(process.stdin, 'end')
await database.close()
