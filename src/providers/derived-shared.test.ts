/** The same for what is shown instead of signed, for many messages in one body, and for keys with a place of their own. */
import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  aSigned,
  isSigned,
  judgement,
  keyOf,
  NOW,
  proofParts,
  SCHEME_CASES,
  type SchemeCase,
  settingsOf,
  signaturePart,
  verdict,
} from '../../test/support/signed-requests.ts'
import { compileBodyPath, MAX_ITEMS, readEvery } from './body-path.ts'
import type { BasicScheme, TokenScheme } from './definition.ts'

const testIf = (condition: boolean): ((name: string, body: () => void) => void) => (condition ? test : () => undefined)

function ofFamily<S>(family: string): readonly (SchemeCase & { readonly scheme: S })[] {
  return SCHEME_CASES.filter((each): each is SchemeCase & { scheme: never } => each.scheme.family === family)
}

describe.each(ofFamily<TokenScheme>('token'))('$label', (each) => {
  const { scheme } = each
  const { key, request } = aSigned(each)
  const [proof, ...others] = proofParts(each, request)
  const whole = proof!.read(request)!
  const judge = (changed: typeof request) => verdict(each, changed, [key.verifying])
  const shown = (text: string) => judge(proof!.write(request, text))
  const prefix = scheme.token.in === 'body' ? '' : (scheme.token.prefix ?? '')
  const token = whole.slice(prefix.length)

  test('only the whole token, in its own case and with its own prefix', () => {
    expect(shown(prefix + token)).toBe('accepted')
    for (const wrong of [
      token.slice(0, -1),
      token.slice(1),
      `${token}x`,
      token.toUpperCase(),
      token.toLowerCase(),
      ` ${token}`,
      `${token}\0`,
      `${token}${token}`,
      `"${token}"`,
      'true',
      '[object Object]',
    ])
      expect(shown(prefix + wrong), wrong).toMatch(/^signature_m/)
    if (prefix === '') return
    expect(shown(token)).toBe('signature_malformed')
    expect(shown(prefix)).toBe('signature_malformed')
    expect(shown(prefix.toLowerCase() + token)).toBe('signature_malformed')
    expect(shown(prefix.trim() + token)).toBe('signature_malformed')
    expect(shown(prefix + prefix + token)).toBe('signature_mismatch')
    expect(shown(`Basic ${token}`)).toBe('signature_malformed')
  })

  test('the right token anywhere else proves nothing', () => {
    const gone = proof!.write(request, undefined)
    for (const changed of [
      { ...gone, headers: [...gone.headers, ['x-token', token] as const] },
      { ...gone, url: `${gone.url}&other=${token}` },
      { ...gone, url: `${gone.url}#token=${token}` },
    ])
      expect(judge(changed)).toBe('signature_missing')
  })

  test('what stands beside it must hold as well', () => {
    for (const part of others) {
      expect(judge(part.write(request, 'another'))).toBe('requirement_failed')
      expect(judge(part.write(request, undefined))).toBe('requirement_failed')
      // Unset, nothing is equal to it.
      expect(verdict(each, request, [key.verifying], { options: { settings: {} } })).toBe('requirement_failed')
    }
  })

  const path = scheme.token.in === 'body' ? scheme.token.path : undefined
  testIf(path !== undefined)('only a text in the body is a token, and in a batch every one counts', () => {
    const body = (value: unknown) => ({
      ...request,
      body: Buffer.from(request.body.toString().replace(JSON.stringify(token), JSON.stringify(value))),
    })
    expect(judge(body(token))).toBe('accepted')
    for (const value of [true, false, 0, 1, null, '', [token], { toString: token }, [[token]]])
      expect(judge(body(value)), JSON.stringify(value)).toBe('signature_malformed')
    expect(judge(body('x'.repeat(8193)))).toBe('signature_malformed')
    if (!path!.includes('[*]')) return
    const [list = '', member = ''] = path!.slice(2).split('[*].')
    const json = JSON.parse(request.body.toString()) as Record<string, readonly Record<string, unknown>[]>
    const [item] = json[list]!
    const batch = (items: unknown) =>
      judge({ ...request, body: Buffer.from(JSON.stringify({ ...json, [list]: items })) })
    const { [member]: _, ...bare } = item!
    expect(batch([item, item])).toBe('accepted')
    expect(batch([])).toBe('signature_missing')
    expect(batch(item)).toBe('signature_missing')
    expect(batch([item, { ...item, [member]: 'wrong' }])).toBe('signature_mismatch')
    expect(batch([{ ...item, [member]: 'wrong' }, item])).toBe('signature_mismatch')
    expect(batch([item, { ...item, [member]: true }])).toBe('signature_malformed')
    expect(batch([item, bare])).toBe('signature_missing')
    expect(batch([item, null])).toBe('signature_missing')
    expect(batch(Array.from({ length: MAX_ITEMS + 1 }, () => item))).toBe('signature_missing')
  })

  const setting = scheme.token.in === 'body' ? undefined : scheme.token.nameSetting
  testIf(setting !== undefined)('a name of the operator’s own is the only one that counts', () => {
    const settings = { ...settingsOf(each), [setting!]: 'X-Mine' }
    expect(verdict(each, request, [key.verifying], { options: { settings } })).toBe('signature_missing')
    const mine = { ...request, headers: [...request.headers, ['x-mine', whole] as const] }
    expect(verdict(each, mine, [key.verifying], { options: { settings } })).toBe('accepted')
  })
})

describe.each(ofFamily<BasicScheme>('basic'))('$label', (each) => {
  const { key, request } = aSigned(each)
  const [proof] = proofParts(each, request)
  const user = settingsOf(each)[each.scheme.usernameSetting]!
  const shown = (text: string, scheme = 'Basic') =>
    verdict(each, proof!.write(request, `${scheme} ${Buffer.from(text).toString('base64')}`), [key.verifying])

  test('user and password, both and whole', () => {
    expect(shown(`${user}:${key.signing}`)).toBe('accepted')
    expect(shown(`${user}:${key.signing}`, 'bAsIc')).toBe('accepted')
    expect(shown(`${user}:${key.signing}`, 'Bearer')).toBe('signature_malformed')
    for (const wrong of [
      `x${user}:${key.signing}`,
      `:${key.signing}`,
      `${user}:`,
      `${user}:${key.signing}x`,
      `${user}::${key.signing}`,
      `${key.signing}:${user}`,
    ])
      expect(shown(wrong), wrong).toBe('signature_mismatch')
    expect(shown(key.signing)).toBe('signature_malformed')
    expect(shown(`${user}${key.signing}`)).toBe('signature_malformed')
  })
})

describe.each(ofFamily('mtls'))('$label', (each) => {
  const { key, request } = aSigned(each)
  const shown = (clientCertificate: string) => verdict(each, { ...request, clientCertificate }, [key.verifying])

  test('only the certificate that the proxy vouched for', () => {
    expect(shown(key.verifying)).toBe('accepted')
    expect(shown(key.verifying.toUpperCase())).toBe('accepted')
    expect(shown(keyOf(each.scheme, 1).verifying)).toBe('signature_mismatch')
    for (const wrong of [
      '',
      ' ',
      key.verifying.slice(2),
      `${key.verifying}00`,
      key.verifying.replace(/^../, 'zz'),
      `${key.verifying},${key.verifying}`,
    ])
      expect(shown(wrong), wrong).toBe('signature_malformed')
    const { clientCertificate: _, ...bare } = request
    for (const name of ['x-client-cert', 'x-forwarded-client-cert', 'ssl-client-fingerprint'])
      expect(verdict(each, { ...bare, headers: [...bare.headers, [name, key.verifying]] }, [key.verifying])).toBe(
        'signature_missing',
      )
  })
})

const batches = SCHEME_CASES.filter(isSigned).filter(
  ({ scheme }) => scheme.each !== undefined && 'item' in scheme.signature,
)

test('there is a scheme with many messages in one body, and one with keys in places of their own', () => {
  expect(batches).not.toEqual([])
  expect(SCHEME_CASES.filter(isSigned).some(({ scheme }) => scheme.slots?.some(({ signature }) => signature))).toBe(
    true,
  )
})

describe.each(batches)('$label, items', (each) => {
  const { scheme } = each
  const path = scheme.each!
  const list = path.slice(2).split('[*]')[0]!
  const { key, request } = aSigned(each)
  type Item = Readonly<Record<string, unknown>>
  const itemsOf = ({ body }: typeof request) => (JSON.parse(body.toString()) as Record<string, Item[]>)[list]!
  const withItems = (items: unknown) => ({
    ...request,
    body: Buffer.from(JSON.stringify({ ...(JSON.parse(request.body.toString()) as object), [list]: items })),
  })
  const judge = (items: unknown, keys: readonly string[] = [key.verifying]) => verdict(each, withItems(items), keys)
  const [own] = itemsOf(request)
  const [foreign] = itemsOf(aSigned(each, { key: keyOf(scheme, 1) }).request)
  const inner = (item: Item) => readEvery({ [list]: [item] }, compileBodyPath(path))![0] as Item
  const changed = (item: Item, edit: (inner: Item) => Item) =>
    JSON.parse(
      JSON.stringify(item).replace(JSON.stringify(inner(item)), () => JSON.stringify(edit(inner(item)))),
    ) as Item

  test('every item counts, by one key', () => {
    expect(judge([own])).toBe('accepted')
    expect(judge([own, own])).toBe('accepted')
    expect(judge([own, foreign])).toBe('signature_mismatch')
    expect(judge([foreign, own])).toBe('signature_mismatch')
    // Both keys are active; no one of them speaks for all.
    expect(judge([own, foreign], [key.verifying, keyOf(scheme, 1).verifying])).toBe('signature_mismatch')
    expect(judge([foreign], [key.verifying, keyOf(scheme, 1).verifying])).toBe('accepted')
  })

  test('an item that is changed, added without a signature, or no item, refuses all', () => {
    const parts = scheme.signed[0].templates[0].match(/(?<=\{item:\$\.)[A-Za-z]+/g)!
    for (const name of new Set(parts)) {
      const edited = changed(own!, (item) => ({
        ...item,
        [name]: typeof item[name] === 'object' ? { value: 1, currency: 'XXX' } : 'changed',
      }))
      expect(edited, name).not.toEqual(own)
      expect(judge([edited]), name).toBe('signature_mismatch')
      expect(judge([own, edited]), name).toBe('signature_mismatch')
    }
    const unsigned = changed(own!, ({ additionalData: _, ...item }) => item)
    for (const bad of [unsigned, {}, null, 1, 'item', []]) {
      expect(judge([own, bad]), JSON.stringify(bad)).toBe('signature_missing')
      expect(judge([bad, own]), JSON.stringify(bad)).toBe('signature_missing')
    }
  })

  test('no items, and more than a thousand, are none', () => {
    for (const items of [[], {}, null, own, 'items']) expect(judge(items)).toBe('signature_missing')
    expect(judge(Array.from({ length: MAX_ITEMS + 1 }, () => own))).toBe('signature_missing')
  })

  test('two lists of items that read alike when joined are told apart', () => {
    const digest = (items: readonly unknown[]) => {
      const result = judgement(each, withItems(items), [key.verifying])
      return result.ok && Buffer.isBuffer(result.content) ? result.content.toString('hex') : undefined
    }
    expect(digest([own])).toMatch(/^[0-9a-f]{64}$/)
    expect(digest([own, own])).not.toBe(digest([own]))
  })
})

const slotted = SCHEME_CASES.flatMap((each) =>
  'slots' in each.scheme
    ? (each.scheme.slots ?? []).map((slot) => ({ ...each, slot, label: `${each.label} ${slot.slot}` }))
    : [],
)

describe.each(slotted)('$label', (each) => {
  const { scheme, slot } = each
  const [first, second] = [keyOf(scheme), keyOf(scheme, 1)]
  const keys = [first.verifying, { material: second.verifying, slot: slot.slot }]
  const primary = aSigned(each, { key: first })
  const other = aSigned(each, { key: second, slot: slot.slot })
  const judge = (request: typeof primary.request, given: Parameters<typeof judgement>[2] = keys) => {
    const result = judgement(each, request, given)
    return result.ok ? result.key : result.reason
  }
  const apart = 'signature' in slot ? slot.signature : undefined

  test('each key is found in its own place', () => {
    expect(judge(primary.request)).toBe(0)
    expect(judge(other.request)).toBe(1)
    expect(judge(primary.request, keys.slice(1))).not.toBe(0)
    expect(judge(other.request, keys.slice(0, 1))).not.toBe(0)
  })

  testIf(apart !== undefined && isSigned(each))('the digest of one under the place of the other is refused', () => {
    if (apart === undefined || !isSigned(each)) throw new Error('unreachable')
    const [here, there] = [signaturePart(each.scheme, each.scheme.signature), signaturePart(each.scheme, apart)]
    const moved = there.write(
      { ...primary.request, headers: [...primary.request.headers, [apartName(apart), '']] },
      here.read(primary.request),
    )
    expect(judge(here.write(moved, undefined))).toBe('signature_mismatch')
    const back = here.write(
      { ...other.request, headers: [...other.request.headers, [apartName(each.scheme.signature), '']] },
      there.read(other.request),
    )
    expect(judge(there.write(back, undefined))).toBe('signature_mismatch')
    // Both there and each in the other's place.
    expect(judge(there.write(back, here.read(primary.request)))).toBe('signature_mismatch')
    // A second header of the slot is no less doubled for not being the first place.
    expect(judge({ ...other.request, headers: [...other.request.headers, [apartName(apart), 'x']] })).toBe(
      'header_duplicated',
    )
    // What stands in the slot does not spoil a right signature beside it.
    expect(
      judge({
        ...primary.request,
        headers: [...primary.request.headers, [apartName(apart), createHmac('sha256', 'x').digest('base64')]],
      }),
    ).toBe(0)
  })
})

function apartName(place: object): string {
  if (!('header' in place) || typeof place.header !== 'string') throw new Error('a header is expected')
  return place.header
}

test('the clock of these tests is in whole seconds', () => {
  expect(NOW % 1000).toBe(0)
})
