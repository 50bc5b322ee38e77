import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { aSigned, judgement, NOW, SCHEME_CASES, type SchemeCase } from '../../test/support/signed-requests.ts'
import { COVERAGES, type Coverage } from '../base/model/event.ts'
import { readPayload } from './body.ts'
import { compileScheme, coverageOfScheme } from './compile.ts'
import { allowedMethods } from './definition.ts'
import { compileEvent } from './extract.ts'
import { type Identity, identityOf } from './identity.ts'
import { checkKey } from './keys.ts'
import { normalise } from './normalise.ts'
import { findProvider, providers } from './registry.ts'
import { headerValue } from './request.ts'
import { sampleEvent } from './sample.ts'
import { generateSigningKey } from './sign.ts'
import { compileSource } from './source.ts'
import { judge } from './vectors.ts'

test('the registry lists exactly the files, each under its own id', () => {
  const files = readdirSync(new URL('definitions', import.meta.url)).map((file) => file.replace(/\.ts$/, ''))
  expect([...providers.keys()].sort()).toEqual(files.sort())
})

test('names that every object has are no providers', () => {
  for (const id of ['__proto__', 'constructor', 'toString', '', 'Stripe', 'stripe '])
    expect(findProvider(id)).toBeUndefined()
})

describe.each([...providers.values()])('$id', (definition) => {
  test.each(definition.vectors.accepted)('accepts: $why', (vector) => {
    expect(judge(definition, vector)).toMatchObject({ ok: true })
  })

  test.each(definition.vectors.refused)('refuses: $why', (vector) => {
    expect(judge(definition, vector)).toMatchObject({ ok: false })
  })

  test('every case and every source of the definition can be compiled', () => {
    for (const scheme of definition.schemes) compileScheme(scheme, [])
    compileEvent(definition.event)
    for (const handshake of definition.handshakes ?? []) {
      for (const source of Object.keys(handshake.when.match ?? {})) compileSource(source)
    }
    expect(new Set(definition.schemes.map((scheme) => scheme.name)).size).toBe(definition.schemes.length)
    expect(allowedMethods(definition)).toContain('POST')
  })
})

describe.each(SCHEME_CASES)('$label', (each) => {
  const { definition, scheme } = each

  test('a generated key passes the check for new integrations', () => {
    expect(checkKey(scheme, generateSigningKey(scheme).verifying)).toBeUndefined()
  })

  test('the sample, signed, is verified, read, named and identified', () => {
    const { key, request } = aSigned(each)
    const sample = sampleEvent(definition, { id: 'a1b2c3d4e5', now: NOW })
    const result = judgement(each, request, [key.verifying])
    if (!result.ok) throw new Error(result.reason)
    expect(result.key).toBe(0)
    const payload = readPayload(definition, headerValue(request.headers, 'content-type'), request.body)
    if (!payload.ok) throw new Error(payload.reason)
    const attributes = compileEvent(definition.event)(request, payload, result)
    // Nothing signs the sample of a scheme that asks: there the type is that of the definition's own example.
    const type = scheme.family === 'fetch-back' ? attributes.type?.value : sample.type
    expect(type).toBeTruthy()
    expect(attributes.type?.value).toBe(type)
    const event = normalise(definition, { eventId: 'ours', receivedAt: new Date(NOW), attributes })
    expect(event.type).toBe(type)
    expect(event.source.startsWith(`/providers/${definition.id}`)).toBe(true)
    expect(identityOf(definition, result, attributes, NOW)).toBeDefined()
  })
})

/** @param now When it was signed, and received. */
function sent(each: SchemeCase, now: number) {
  const { definition } = each
  const { key, request } = aSigned(each, { now })
  const result = judgement(each, request, [key.verifying], { now })
  if (!result.ok) throw new Error(`${each.label}: ${result.reason}`)
  const payload = readPayload(definition, headerValue(request.headers, 'content-type'), request.body)
  if (!payload.ok) throw new Error(payload.reason)
  const attributes = compileEvent(definition.event)(request, payload, result)
  return { result, identity: identityOf(definition, result, attributes, now) }
}

/** Ids out of a token say which delivery this is, and are in no sample. */
function identityText({ definition, scheme }: SchemeCase, identity: Identity): string {
  if (identity.kind === 'id')
    return `id ${scheme.family === 'jwt' && /^claim:/.test(definition.event.id ?? '') ? definition.event.id : identity.value}`
  return `${identity.kind}${identity.moment === undefined ? '' : ` at ${identity.moment}`}`
}

/** What dedupe rests on and how much is covered, spelt out: a change here changes which requests are duplicates. */
test('coverage and identity of every scheme', () => {
  const width = Math.max(...SCHEME_CASES.map(({ label }) => label.length))
  const lines = SCHEME_CASES.map((each) => {
    const { result, identity } = sent(each, NOW)
    expect(result.coverage === 'none' || isWeakest(each, result.coverage), each.label).toBe(true)
    return `${each.label.padEnd(width)}  ${result.coverage.padEnd(7)}  ${identityText(each, identity)}`
  })
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "acme hmac                             body     id evt-a1b2c3d4e5
    adyen payments-item                   parts    content-digest
    adyen platform-header                 body     body-digest
    adyen basic                           none     body-digest
    airtable content-mac                  body     id acha1b2c3d4e5.2026-01-01T00:00:00.000Z
    asana signature                       body     body-digest
    auth0 token                           none     body-digest
    auth0 whole-value                     none     body-digest
    aws-sns signature                     parts    id a1b2c3d4e5
    azure-event-grid entra                none     body-digest
    azure-event-grid query-secret         none     body-digest
    azure-event-grid header               none     body-digest
    bigcommerce standard                  body     id msg_a1b2c3d4e5
    bigcommerce custom-header             none     id msg_a1b2c3d4e5
    bitbucket signature                   body     body-digest
    box v1                                body     id a1b2c3d4e5
    braintree bt_signature                parts    content-digest
    buildkite signature                   body     body-digest
    buildkite token                       none     id a1b2c3d4e5
    cal-com sha256                        body     body-digest
    calendly v1                           body     id https://api.calendly.com/scheduled_events/EV1/invitees/a1b2c3d4e5.invitee.created
    chargebee basic                       none     id ev_a1b2c3d4e5
    circleci v1                           body     id a1b2c3d4e5
    clerk v1                              body     id msg_a1b2c3d4e5
    clickup signature                     body     body-digest
    cloudevents bearer                    none     id /postern/sample.a1b2c3d4e5
    cloudevents query                     none     id /postern/sample.a1b2c3d4e5
    coinbase-commerce signature           body     id a1b2c3d4e5
    commercelayer signature               body     body-digest
    contentful signature                  body     content-digest
    customer-io v0                        body     id a1b2c3d4e5
    datadog custom-header                 none     id a1b2c3d4e5
    discord ed25519                       body     body-digest
    docker-hub url-secret                 none     body-digest
    docusign hmac                         body     id envelope-completed.a1b2c3d4e5.2026-01-01T00:00:00.000Z
    docusign basic                        none     id envelope-completed.a1b2c3d4e5.2026-01-01T00:00:00.000Z
    docusign mtls                         none     id envelope-completed.a1b2c3d4e5.2026-01-01T00:00:00.000Z
    dropbox signature                     body     body-digest at span 29453760
    ebay signature                        body     id a1b2c3d4e5
    elevenlabs v0                         body     id post_call_transcription.a1b2c3d4e5.1767225600
    figma passcode                        none     body-digest
    front application                     body     id evt_a1b2c3d4e5
    generic-hmac hmac-sha256              body     body-digest
    github sha256                         body     body-digest
    gitlab signing-token                  body     id a1b2c3d4e5
    gitlab token                          none     id a1b2c3d4e5
    globex token                          none     id gx-a1b2c3d4e5
    gocardless signature                  body     body-digest
    google-channels token                 none     id 4ba78bf0-6a47-11e2-bcfd-0800200c9a66.10
    google-pubsub jwt                     none     id a1b2c3d4e5
    grafana signature                     body     body-digest
    grafana timestamped                   body     body-digest
    hookdeck signature                    body     body-digest
    hubspot v3                            request  content-digest
    hubspot v2                            request  content-digest
    hubspot v1                            body     body-digest
    huggingface token                     none     body-digest
    intercom sha1                         body     id notif_a1b2c3d4e5
    jira signature                        body     body-digest
    jira connect                          none     id a1b2c3d4e5
    lemonsqueezy signature                body     body-digest
    line signature                        body     body-digest
    linear signature                      body     id 0f1d2c3b-0000-4000-8000-000000000002.a1b2c3d4e5.create.2026-01-01T00:00:00.000Z
    linkedin signature                    body     body-digest
    livekit jwt                           body     id EV_a1b2c3d4e5
    mailchimp url-secret                  none     body-digest
    mailgun signature                     parts    content-digest
    mandrill signature                    request  content-digest
    messagebird jwt                       request  content-digest
    meta sha256                           body     body-digest
    microsoft-graph client-state          none     body-digest at span 29453760
    microsoft-graph rich                  none     body-digest at span 29453760
    microsoft-teams-outgoing hmac-sha256  body     id a1b2c3d4e5
    mollie next-gen                       body     body-digest
    mollie classic                        none     content-digest
    monday jwt                            none     id a1b2c3d4e5
    mux v1                                body     id a1b2c3d4e5
    netlify jws                           body     body-digest
    notion signature                      body     id a1b2c3d4e5
    npm-hooks signature                   body     body-digest
    okta token                            none     body-digest
    openai v1                             body     id wh_a1b2c3d4e5
    paddle h1                             body     id evt_a1b2c3d4e5
    paddle-classic p_signature            body     id a1b2c3d4e5
    pagerduty v1                          body     id a1b2c3d4e5
    paypal certificate                    parts    content-digest
    paypal postback                       none     id WH-0
    paystack signature                    body     body-digest
    pipedrive basic                       none     id deal.a1b2c3d4e5
    plaid jwt                             body     id claim:iat + claim:request_body_sha256
    polar v1                              body     id msg_a1b2c3d4e5
    postmark basic                        none     id Delivery.a1b2c3d4e5
    postmark custom-header                none     id Delivery.a1b2c3d4e5
    razorpay signature                    body     body-digest
    recurly signature                     body     body-digest
    recurly basic                         none     id a1b2c3d4e5
    render v1                             body     id evt-a1b2c3d4e5
    replicate v1                          body     id msg_a1b2c3d4e5
    resend v1                             body     id msg_a1b2c3d4e5
    retell signature                      body     body-digest
    revolut v1                            body     body-digest at signed 1767225600000
    salesforce mtls                       none     body-digest
    sanity v1                             body     body-digest at signed 1767225600000
    segment signature                     body     id ajs-next-a1b2c3d4e5
    sendgrid ecdsa                        body     body-digest
    sentry signature                      body     body-digest
    shopify webhooks                      body     body-digest
    shopify events                        body     body-digest
    slack v0                              body     id Eva1b2c3d4e5
    square signature                      request  id a1b2c3d4e5
    standard-webhooks v1                  body     id msg_a1b2c3d4e5
    standard-webhooks-asymmetric v1a      body     id msg_a1b2c3d4e5
    strava url-secret                     none     body-digest
    stripe v1                             body     id evt_a1b2c3d4e5
    supabase auth-hooks                   body     body-digest
    supabase database-webhooks            none     body-digest
    svix v1                               body     id msg_a1b2c3d4e5
    telegram secret-token                 none     id 1767225600
    telnyx ed25519                        body     id a1b2c3d4e5
    terraform-cloud signature             body     body-digest
    trello signature                      request  id a1b2c3d4e5
    twilio signature                      request  content-digest
    twitch sha256                         body     id a1b2c3d4e5
    typeform sha256                       body     id a1b2c3d4e5
    upstash-qstash jwt                    request  id claim:jti
    vercel signature                      body     id a1b2c3d4e5
    vonage jwt                            body     body-digest
    webex sha1                            body     body-digest
    webflow signature                     body     body-digest at signed 1767225600000
    wechat-pay v3                         body     id EV-a1b2c3d4e5
    whatsapp sha256                       body     body-digest
    wise signature                        body     body-digest
    woocommerce signature                 body     body-digest
    workos v1                             body     id event_a1b2c3d4e5
    x-twitter sha256                      body     body-digest
    xero signature                        body     body-digest
    zendesk signature                     body     body-digest at signed 1767225600000
    zoom v0                               body     body-digest"
  `)
})

/** What the definition as a whole may promise is never more than what this request had. */
function isWeakest({ scheme }: SchemeCase, coverage: Coverage): boolean {
  return COVERAGES.indexOf(coverageOfScheme(scheme)) >= COVERAGES.indexOf(coverage)
}

/** The provider's retry: the same event under a later timestamp and so another signature. */
describe('a retry signed a minute later', () => {
  const reason = ({ definition: { event }, scheme }: SchemeCase) => {
    if (scheme.family === 'jwt' && event.dedupe === undefined && /claim:(?:jti|iat)/.test(event.id ?? ''))
      return 'its id is that of the token, which the sender keeps when it retries and our signer does not'
    if (
      'timestamp' in scheme &&
      typeof scheme.timestamp?.in === 'object' &&
      'body' in scheme.timestamp.in &&
      event.dedupe
    )
      return 'its time stands among the signed members, where a retry repeats it and our signer does not'
    if (event.repeatsAfterSeconds !== undefined)
      return `honest events repeat after ${event.repeatsAfterSeconds} seconds`
    // Where no time is signed, there is nothing to tell them apart by.
    if (event.dedupe === 'signed' && 'timestamp' in scheme && scheme.timestamp !== undefined)
      return 'honest events repeat every byte but the time'
    return undefined
  }
  const stable = SCHEME_CASES.filter((each) => reason(each) === undefined)
  const others = SCHEME_CASES.filter((each) => reason(each) !== undefined)

  test.each(stable)('keeps its identity: $label', (each) => {
    expect(sent(each, NOW + 60_000).identity).toEqual(sent(each, NOW).identity)
  })

  test.each(others)('is another event: $label', (each) => {
    const span = (each.definition.event.repeatsAfterSeconds ?? 60) * 1000
    expect(sent(each, NOW + span).identity).not.toEqual(sent(each, NOW).identity)
  })

  test('is another event only for a reason', () => {
    expect(others.map((each) => `${each.label}: ${reason(each)}`).join('\n')).toMatchInlineSnapshot(`
      "dropbox signature: honest events repeat after 60 seconds
      mailgun signature: its time stands among the signed members, where a retry repeats it and our signer does not
      microsoft-graph client-state: honest events repeat after 60 seconds
      microsoft-graph rich: honest events repeat after 60 seconds
      plaid jwt: its id is that of the token, which the sender keeps when it retries and our signer does not
      revolut v1: honest events repeat every byte but the time
      sanity v1: honest events repeat every byte but the time
      upstash-qstash jwt: its id is that of the token, which the sender keeps when it retries and our signer does not
      webflow signature: honest events repeat every byte but the time
      zendesk signature: honest events repeat every byte but the time"
    `)
  })

  test('within the time after which honest events repeat, it is the same event', () => {
    for (const each of others.filter(({ definition }) => definition.event.repeatsAfterSeconds !== undefined))
      expect(sent(each, NOW + 1000).identity, each.label).toEqual(sent(each, NOW).identity)
  })
})
