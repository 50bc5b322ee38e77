/**
 * The prober against five frameworks' webhook receivers: every fault is found by the probe it is for, and
 * the sound ones are accused of nothing. `test/targets/confusion.ts` prints the table with one fault at a time.
 */
import { confusionSuite } from '../targets/confusion-suite.ts'
import { WEBHOOK_SHARES } from '../targets/shares.ts'

const FRAMEWORKS = ['flask', 'django', 'fastapi', 'express', 'fastify'] as const

confusionSuite({ surface: 'webhook', targets: FRAMEWORKS, shares: WEBHOOK_SHARES })
