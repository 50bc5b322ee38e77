/**
 * The prober against the streams, orders and export jobs of five frameworks, and against an agent: every fault that can
 * be seen from outside is found, and the sound ones are accused of nothing.
 */
import { confusionSuite } from '../targets/confusion-suite.ts'
import { AGENT_FAULTS, type FaultName } from '../targets/faults.ts'
import { REST_SHARES } from '../targets/shares.ts'

const FRAMEWORKS = ['flask', 'django', 'fastapi', 'express', 'fastify'] as const

confusionSuite({ surface: 'stream', targets: FRAMEWORKS, shares: sharesOf((fault) => fault.startsWith('sse-')) })
confusionSuite({ surface: 'job', targets: FRAMEWORKS, shares: sharesOf((fault) => fault.startsWith('job-')) })
confusionSuite({ surface: 'rest', targets: FRAMEWORKS, shares: sharesOf((fault) => !/^(?:sse|job)-/.test(fault)) })
confusionSuite({ surface: 'agent', targets: ['agent'], shares: [Object.keys(AGENT_FAULTS) as FaultName[]] })

function sharesOf(isOurs: (fault: FaultName) => boolean): readonly (readonly FaultName[])[] {
  return REST_SHARES.map((faults) => faults.filter(isOurs)).filter(({ length }) => length > 0)
}
