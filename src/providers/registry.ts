/**
 * Every provider Postern knows. One file each under definitions/, named after its id.
 */
import type { ProviderDefinition } from './definition.ts'
import { acme } from './definitions/acme.ts'
import { adyen } from './definitions/adyen.ts'
import { airtable } from './definitions/airtable.ts'
import { asana } from './definitions/asana.ts'
import { auth0 } from './definitions/auth0.ts'
import { awsSns } from './definitions/aws-sns.ts'
import { azureEventGrid } from './definitions/azure-event-grid.ts'
import { bigcommerce } from './definitions/bigcommerce.ts'
import { bitbucket } from './definitions/bitbucket.ts'
import { box } from './definitions/box.ts'
import { braintree } from './definitions/braintree.ts'
import { buildkite } from './definitions/buildkite.ts'
import { calCom } from './definitions/cal-com.ts'
import { calendly } from './definitions/calendly.ts'
import { chargebee } from './definitions/chargebee.ts'
import { circleci } from './definitions/circleci.ts'
import { clerk } from './definitions/clerk.ts'
import { clickup } from './definitions/clickup.ts'
import { cloudevents } from './definitions/cloudevents.ts'
import { coinbaseCommerce } from './definitions/coinbase-commerce.ts'
import { commercelayer } from './definitions/commercelayer.ts'
import { contentful } from './definitions/contentful.ts'
import { customerIo } from './definitions/customer-io.ts'
import { datadog } from './definitions/datadog.ts'
import { discord } from './definitions/discord.ts'
import { dockerHub } from './definitions/docker-hub.ts'
import { docusign } from './definitions/docusign.ts'
import { dropbox } from './definitions/dropbox.ts'
import { ebay } from './definitions/ebay.ts'
import { elevenlabs } from './definitions/elevenlabs.ts'
import { figma } from './definitions/figma.ts'
import { front } from './definitions/front.ts'
import { genericHmac } from './definitions/generic-hmac.ts'
import { github } from './definitions/github.ts'
import { gitlab } from './definitions/gitlab.ts'
import { globex } from './definitions/globex.ts'
import { gocardless } from './definitions/gocardless.ts'
import { googleChannels } from './definitions/google-channels.ts'
import { googlePubsub } from './definitions/google-pubsub.ts'
import { grafana } from './definitions/grafana.ts'
import { hookdeck } from './definitions/hookdeck.ts'
import { hubspot } from './definitions/hubspot.ts'
import { huggingface } from './definitions/huggingface.ts'
import { intercom } from './definitions/intercom.ts'
import { jira } from './definitions/jira.ts'
import { lemonsqueezy } from './definitions/lemonsqueezy.ts'
import { line } from './definitions/line.ts'
import { linear } from './definitions/linear.ts'
import { linkedin } from './definitions/linkedin.ts'
import { livekit } from './definitions/livekit.ts'
import { mailchimp } from './definitions/mailchimp.ts'
import { mailgun } from './definitions/mailgun.ts'
import { mandrill } from './definitions/mandrill.ts'
import { messagebird } from './definitions/messagebird.ts'
import { meta } from './definitions/meta.ts'
import { microsoftGraph } from './definitions/microsoft-graph.ts'
import { microsoftTeamsOutgoing } from './definitions/microsoft-teams-outgoing.ts'
import { mollie } from './definitions/mollie.ts'
import { monday } from './definitions/monday.ts'
import { mux } from './definitions/mux.ts'
import { netlify } from './definitions/netlify.ts'
import { notion } from './definitions/notion.ts'
import { npmHooks } from './definitions/npm-hooks.ts'
import { okta } from './definitions/okta.ts'
import { openai } from './definitions/openai.ts'
import { paddle } from './definitions/paddle.ts'
import { paddleClassic } from './definitions/paddle-classic.ts'
import { pagerduty } from './definitions/pagerduty.ts'
import { paypal } from './definitions/paypal.ts'
import { paystack } from './definitions/paystack.ts'
import { pipedrive } from './definitions/pipedrive.ts'
import { plaid } from './definitions/plaid.ts'
import { polar } from './definitions/polar.ts'
import { postmark } from './definitions/postmark.ts'
import { razorpay } from './definitions/razorpay.ts'
import { recurly } from './definitions/recurly.ts'
import { render } from './definitions/render.ts'
import { replicate } from './definitions/replicate.ts'
import { resend } from './definitions/resend.ts'
import { retell } from './definitions/retell.ts'
import { revolut } from './definitions/revolut.ts'
import { salesforce } from './definitions/salesforce.ts'
import { sanity } from './definitions/sanity.ts'
import { segment } from './definitions/segment.ts'
import { sendgrid } from './definitions/sendgrid.ts'
import { sentry } from './definitions/sentry.ts'
import { shopify } from './definitions/shopify.ts'
import { slack } from './definitions/slack.ts'
import { square } from './definitions/square.ts'
import { standardWebhooks } from './definitions/standard-webhooks.ts'
import { standardWebhooksAsymmetric } from './definitions/standard-webhooks-asymmetric.ts'
import { strava } from './definitions/strava.ts'
import { stripe } from './definitions/stripe.ts'
import { supabase } from './definitions/supabase.ts'
import { svix } from './definitions/svix.ts'
import { telegram } from './definitions/telegram.ts'
import { telnyx } from './definitions/telnyx.ts'
import { terraformCloud } from './definitions/terraform-cloud.ts'
import { trello } from './definitions/trello.ts'
import { twilio } from './definitions/twilio.ts'
import { twitch } from './definitions/twitch.ts'
import { typeform } from './definitions/typeform.ts'
import { upstashQstash } from './definitions/upstash-qstash.ts'
import { vercel } from './definitions/vercel.ts'
import { vonage } from './definitions/vonage.ts'
import { webex } from './definitions/webex.ts'
import { webflow } from './definitions/webflow.ts'
import { wechatPay } from './definitions/wechat-pay.ts'
import { whatsapp } from './definitions/whatsapp.ts'
import { wise } from './definitions/wise.ts'
import { woocommerce } from './definitions/woocommerce.ts'
import { workos } from './definitions/workos.ts'
import { xTwitter } from './definitions/x-twitter.ts'
import { xero } from './definitions/xero.ts'
import { zendesk } from './definitions/zendesk.ts'
import { zoom } from './definitions/zoom.ts'

const DEFINITIONS: readonly ProviderDefinition[] = [
  acme,
  adyen,
  airtable,
  asana,
  auth0,
  awsSns,
  azureEventGrid,
  bigcommerce,
  bitbucket,
  box,
  braintree,
  buildkite,
  calCom,
  calendly,
  chargebee,
  circleci,
  clerk,
  clickup,
  cloudevents,
  coinbaseCommerce,
  commercelayer,
  contentful,
  customerIo,
  datadog,
  discord,
  dockerHub,
  docusign,
  dropbox,
  ebay,
  elevenlabs,
  figma,
  front,
  genericHmac,
  github,
  gitlab,
  globex,
  gocardless,
  googleChannels,
  googlePubsub,
  grafana,
  hookdeck,
  hubspot,
  huggingface,
  intercom,
  jira,
  lemonsqueezy,
  line,
  linear,
  linkedin,
  livekit,
  mailchimp,
  mailgun,
  mandrill,
  messagebird,
  meta,
  microsoftGraph,
  microsoftTeamsOutgoing,
  mollie,
  monday,
  mux,
  netlify,
  notion,
  npmHooks,
  okta,
  openai,
  paddle,
  paddleClassic,
  pagerduty,
  paypal,
  paystack,
  pipedrive,
  plaid,
  polar,
  postmark,
  razorpay,
  recurly,
  render,
  replicate,
  resend,
  retell,
  revolut,
  salesforce,
  sanity,
  segment,
  sendgrid,
  sentry,
  shopify,
  slack,
  square,
  standardWebhooks,
  standardWebhooksAsymmetric,
  strava,
  stripe,
  supabase,
  svix,
  telegram,
  telnyx,
  terraformCloud,
  trello,
  twilio,
  twitch,
  typeform,
  upstashQstash,
  vercel,
  vonage,
  webex,
  webflow,
  wechatPay,
  whatsapp,
  wise,
  woocommerce,
  workos,
  xTwitter,
  xero,
  zendesk,
  zoom,
]

export const providers: ReadonlyMap<string, ProviderDefinition> = new Map(DEFINITIONS.map((each) => [each.id, each]))

/** A Map and not an object: `__proto__` and `constructor` are providers of nobody. */
export function findProvider(id: string): ProviderDefinition | undefined {
  return providers.get(id)
}
