import { createVerifier, memoryReplayStore } from 'postern/verify'
import { webhookApi } from 'postern/verify/next'
import { meta } from 'postern/verify/providers/meta'
import { orders } from '../../../../orders.ts'

const verifier = createVerifier({
  provider: meta,
  secret: process.env['META_APP_SECRET'],
  // For the GET with which Meta greets: answered by the handler below.
  settings: { verifyToken: process.env['META_VERIFY_TOKEN'] ?? '' },
  replay: memoryReplayStore(),
})

export const config = { api: { bodyParser: false } }
export default webhookApi(verifier, (hook) => orders.apply(hook))
