/**
 * How libraries compare a digest with what arrived. `===` stops at the first character that differs, and the time it
 * takes can be measured from outside; `timingSafeEqual` takes as long for every answer. Nothing here measures time: the
 * tests see which of the two was called.
 */
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { Signature as HubSpotSignature } from '@hubspot/api-client'
import { validateSignature as validateLine } from '@line/bot-sdk'
import { verify as verifyGitHub } from '@octokit/webhooks-methods'
import { Paddle } from '@paddle/paddle-node-sdk'
import * as gocardless from 'gocardless-nodejs/webhooks'
import Razorpay from 'razorpay'
import { WebhooksHelper as SquareHelper } from 'square'
import { afterEach, beforeEach, expect, type MockInstance, test, vi } from 'vitest'
import { describeFrozen, header, RECEIVER, send, verdict } from '../../test/support/oracle.ts'

type Verify = (request: ReturnType<typeof send>['request'], body: string, key: string) => unknown

const withEquals: readonly (readonly [library: string, provider: string, verify: Verify])[] = [
  [
    'square',
    'square',
    (request, body, key) =>
      SquareHelper.isValidWebhookEventSignature(body, header(request, 'x-square-hmacsha256-signature'), key, RECEIVER),
  ],
  [
    'razorpay',
    'razorpay',
    (request, body, key) => Razorpay.validateWebhookSignature(body, header(request, 'X-Razorpay-Signature'), key),
  ],
  [
    '@paddle/paddle-node-sdk',
    'paddle',
    (request, body, key) => new Paddle('key').webhooks.isSignatureValid(body, key, header(request, 'Paddle-Signature')),
  ],
  [
    '@hubspot/api-client',
    'hubspot',
    (request, requestBody, clientSecret) =>
      HubSpotSignature.isValid({
        clientSecret,
        requestBody,
        signatureVersion: 'v3',
        url: RECEIVER.replace('%2F', '/'),
        timestamp: Number(header(request, 'X-HubSpot-Request-Timestamp')),
        signature: header(request, 'X-HubSpot-Signature-v3'),
      }),
  ],
]

const inConstantTime: typeof withEquals = [
  [
    '@octokit/webhooks-methods',
    'github',
    (request, body, key) => verifyGitHub(key, body, header(request, 'X-Hub-Signature-256')),
  ],
  ['@line/bot-sdk', 'line', (request, body, key) => validateLine(body, key, header(request, 'x-line-signature'))],
  [
    'gocardless-nodejs',
    'gocardless',
    (request, body, key) => {
      gocardless.verifySignature(body, key, header(request, 'Webhook-Signature'))
      return true
    },
  ],
]

describeFrozen('comparing in constant time', () => {
  let compare: MockInstance<typeof crypto.timingSafeEqual>
  beforeEach(() => {
    compare = vi.spyOn(crypto, 'timingSafeEqual')
    syncBuiltinESMExports()
  })
  afterEach(() => {
    compare.mockRestore()
    syncBuiltinESMExports()
  })

  test.each(withEquals)('%s compares with ===; here %s is compared in constant time', async (_, provider, verify) => {
    const { request, key } = send(provider)
    expect(await verify(request, request.body.toString(), key.verifying)).toBe(true)
    expect(compare).not.toHaveBeenCalled()
    expect(verdict(provider, request, key.verifying)).toBe('accepted')
    expect(compare).toHaveBeenCalled()
  })

  test.each(inConstantTime)('%s and %s: both in constant time', async (_, provider, verify) => {
    const { request, key } = send(provider)
    expect(await verify(request, request.body.toString(), key.verifying)).toBe(true)
    expect(compare).toHaveBeenCalledTimes(1)
    expect(verdict(provider, request, key.verifying)).toBe('accepted')
    expect(compare).toHaveBeenCalledTimes(2)
  })
})
