/**
 * Every provider Postern knows. One file each under definitions/, named after its id.
 */
import type { ProviderDefinition } from './definition.ts'
import { acme } from './definitions/acme.ts'
import { discord } from './definitions/discord.ts'
import { github } from './definitions/github.ts'
import { gitlab } from './definitions/gitlab.ts'
import { globex } from './definitions/globex.ts'
import { sendgrid } from './definitions/sendgrid.ts'
import { shopify } from './definitions/shopify.ts'
import { slack } from './definitions/slack.ts'
import { standardWebhooks } from './definitions/standard-webhooks.ts'
import { standardWebhooksAsymmetric } from './definitions/standard-webhooks-asymmetric.ts'
import { stripe } from './definitions/stripe.ts'
import { svix } from './definitions/svix.ts'
import { twilio } from './definitions/twilio.ts'

const DEFINITIONS: readonly ProviderDefinition[] = [
  acme,
  discord,
  github,
  gitlab,
  globex,
  sendgrid,
  shopify,
  slack,
  standardWebhooks,
  standardWebhooksAsymmetric,
  stripe,
  svix,
  twilio,
]

export const providers: ReadonlyMap<string, ProviderDefinition> = new Map(DEFINITIONS.map((each) => [each.id, each]))

/** A Map and not an object: `__proto__` and `constructor` are providers of nobody. */
export function findProvider(id: string): ProviderDefinition | undefined {
  return providers.get(id)
}
