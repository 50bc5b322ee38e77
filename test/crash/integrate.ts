/** The integration all cases use: no limit that a test's single source could reach, and a destination on this machine that is tried again soon. */
import type { SupervisedGateway } from './gateway-process.ts'

/** @returns Where it receives. */
export async function integrate(gateway: SupervisedGateway, secret: string, url: string): Promise<string> {
  const { status, json } = await gateway.call('POST', '/api/v1/integrations', {
    provider: 'stripe',
    name: 'crash',
    secret,
    rateLimitPerMinute: 10_000_000,
    destination: { url, allowCidrs: ['127.0.0.1/32'], retry: { maxAttempts: 50, baseDelayMs: 200, maxDelayMs: 2_000 } },
  })
  if (status !== 201) throw new Error(`the integration was not made: ${status} ${JSON.stringify(json)}`)
  return String((json as { readonly receivePath: string }).receivePath)
}
