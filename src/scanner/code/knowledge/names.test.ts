import { describe, expect, test } from 'vitest'
import { isCostlyName } from './effects.ts'
import { isAuthorizationName, isPureName, tellsOfTrouble } from './names.ts'

describe('what a name tells of what is not in sight', () => {
  test.each([
    'chargeCustomer',
    'send_receipt',
    'notifyPaid',
    'createPayment',
    'increment_stock',
  ])('%s costs when it is done twice', (name) => expect(isCostlyName(name)).toBe(true))
  test.each([
    'chargeSucceeded',
    'onPaymentFailed',
    'setState',
    'createUser',
    'get_charge',
    'CreateOrUpdateInvoice',
    'create_or_replace_order',
  ])('%s does not', (name) => expect(isCostlyName(name)).toBe(false))
  test.each(['error', 'webhook-error', 'invalid_signature', 'unauthorized'])('%s tells of trouble', (event) =>
    expect(tellsOfTrouble(event)).toBe(true))
  test.each(['payment_failed', 'order-error', 'push', 'error.created', ''])('%s does not', (event) =>
    expect(tellsOfTrouble(event)).toBe(false))
  test('to make or to send is to send', () => expect(isCostlyName('create_or_send_invoice')).toBe(true))
  test.each([
    'Str.after',
    'Illuminate\\Support\\Arr.forget',
    'objects.prefetch_related',
    'orders.where',
    'getCrate',
  ])('%s changes nothing', (name) => expect(isPureName(name)).toBe(true))
  test.each(['findByIdAndUpdate', 'get_or_create', 'store.set', 'cart.forget'])('%s changes something', (name) =>
    expect(isPureName(name)).toBe(false))
  test('strong parameters let fields through, a policy lets somebody through', () => {
    expect(isAuthorizationName('params.permit')).toBe(false)
    expect(isAuthorizationName('entry.permit!')).toBe(false)
    expect(isAuthorizationName('policy.permits')).toBe(true)
    expect(isAuthorizationName('canEdit')).toBe(true)
  })
})
