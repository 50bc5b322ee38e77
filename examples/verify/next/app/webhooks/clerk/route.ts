import { createVerifier, memoryReplayStore } from 'postern/verify'
import { webhook } from 'postern/verify/next'
import { clerk } from 'postern/verify/providers/clerk'
import { orders } from '../../../../orders.ts'

const verifier = createVerifier({
  provider: clerk,
  secret: process.env['CLERK_WEBHOOK_SECRET'],
  replay: memoryReplayStore(),
})

export const runtime = 'nodejs'
export const POST = webhook(verifier, (hook) => orders.apply(hook))
