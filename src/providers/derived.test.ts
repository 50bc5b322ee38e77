/**
 * Attacks and accidents, generated for every scheme of every definition: what one provider's own tests would have to
 * repeat a hundred times. Each case is made from a request that the engine accepts, with one thing changed.
 */
import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aSigned,
  coversBody,
  isSigned,
  judgement,
  keyOf,
  NOW,
  proofParts,
  SCHEME_CASES,
  settingsOf,
  verdict,
} from '../../test/support/signed-requests.ts'
import { MAX_SIGNATURES } from './candidates.ts'
import { compileScheme } from './compile.ts'
import { decode, encode } from './decode.ts'
import type { Encoding, Scheme, SignedByScheme } from './definition.ts'
import type { SignedRequest } from './sign-request.ts'
import { writeTimestamp } from './timestamp.ts'

const REFUSED_SIGNATURE = /^signature_(?:mismatch|malformed|missing|version_unknown)$/
const testIf = (condition: boolean): ((name: string, body: () => void) => void) => (condition ? test : () => undefined)

describe.each(SCHEME_CASES)('$label, keys', (each) => {
  const { scheme } = each
  const { key, request } = aSigned(each)

  test('a key of another form is unusable or matches nothing', () => {
    const foreign = [
      ...new Set(SCHEME_CASES.map((other) => keyOf(other.scheme, 1).verifying)),
      '{}',
      '{"keys":[]}',
      '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----',
      'https://keys.example.com/jwks.json',
    ]
    for (const material of foreign) {
      const result = verdict(each, request, [material])
      expect(result, material.slice(0, 20)).not.toBe('accepted')
    }
    expect(verdict(each, request, [...foreign, key.verifying])).toBe('accepted')
  })

  test('an empty or blank key is unusable, and named so', () => {
    for (const material of ['', ' ', '\t\n', '\u00a0']) {
      const { keys, unusable } = compileScheme(scheme, [{ id: '0' as never, material }])
      expect(keys).toEqual([])
      expect(unusable).toMatchObject([{ message: expect.stringMatching(/^The key/) }])
    }
  })

  test('the HMAC of nothing, keyed with nothing, is no proof', () => {
    const empty = ['sha1', 'sha256', 'sha512'].flatMap((hash) => {
      const mac = createHmac(hash, '').update(request.body).digest()
      return [mac.toString('hex'), mac.toString('base64')]
    })
    const [proof] = proofParts(each, request)
    // The id of what is asked about is no proof: the provider's answer is.
    if (proof!.role === 'asked') return
    for (const text of empty) expect(verdict(each, proof!.write(request, text), [key.verifying])).not.toBe('accepted')
  })
})

/** The text of the bare signature inside what stands at its place, and the way back. */
function bare(
  scheme: SignedByScheme,
  whole: string,
): { readonly text: string; readonly put: (text: string) => string } {
  const { parse } = scheme.signature
  if (parse.kind === 'base64-json') {
    const object = JSON.parse(Buffer.from(whole, 'base64').toString()) as Record<string, string>
    return {
      text: object[parse.member] ?? '',
      put: (text) => Buffer.from(JSON.stringify({ ...object, [parse.member]: text })).toString('base64'),
    }
  }
  const separator =
    parse.kind === 'list'
      ? parse.versionSeparator
      : parse.kind === 'positional'
        ? parse.itemSeparator
        : 'valueSeparator' in parse
          ? parse.valueSeparator
          : parse.kind === 'prefix'
            ? parse.prefix
            : ''
  // From the last item; base64 may end with the separator itself, so the first one in it counts.
  const item = 'itemSeparator' in parse && parse.kind !== 'positional' ? whole.lastIndexOf(parse.itemSeparator) + 1 : 0
  const at = separator === '' ? 0 : whole.indexOf(separator, item) + separator.length
  return { text: whole.slice(at), put: (text) => whole.slice(0, at) + text }
}

const ENCODINGS: readonly Encoding[] = ['hex', 'base64', 'base64url']

describe.each(SCHEME_CASES.filter(isSigned))('$label, signature', (each) => {
  const { scheme } = each
  const { key, request } = aSigned(each)
  const proof = proofParts(each, request)[0]!
  const whole = proof.read(request)!
  const { text, put } = bare(scheme, whole)
  const { encoding } = scheme.signature
  const digest = decode(text, encoding)!
  const judge = (changed: SignedRequest) => verdict(each, changed, [key.verifying])
  const shown = (changed: string) => judge(proof.write(request, put(changed)))

  test('is found where the grammar puts it', () => {
    expect(encode(digest, encoding)).toBe(text)
    expect(put(text)).toBe(whole)
    expect(shown(text)).toBe('accepted')
  })

  test('the right digest in another encoding is refused', () => {
    for (const other of ENCODINGS) {
      const written = encode(digest, other)
      if (written === text) continue
      expect(shown(written), other).toMatch(REFUSED_SIGNATURE)
    }
    expect(shown(digest.toString('latin1')), 'raw').toMatch(REFUSED_SIGNATURE)
    expect(shown(`0x${digest.toString('hex')}`), '0x').toMatch(REFUSED_SIGNATURE)
  })

  test('another case of hex is read where the scheme says so, and base64 has one case', () => {
    const upper = text.toUpperCase()
    expect(upper).not.toBe(text)
    if (encoding === 'hex') expect(shown(upper)).toBe('accepted')
    else expect(shown(upper)).toMatch(REFUSED_SIGNATURE)
  })

  testIf(encoding.startsWith('base64') && digest.length % 3 !== 0)(
    'base64 with bits set that say nothing is refused',
    () => {
      const end = text.replace(/=*$/, '').length - 1
      const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.replace(
        '+/',
        encoding === 'base64' ? '+/' : '-_',
      )
      const spelt = text.slice(0, end) + alphabet[alphabet.indexOf(text.charAt(end)) + 1] + text.slice(end + 1)
      // The same bytes to a lax reader.
      expect(Buffer.from(spelt, 'base64')).toEqual(digest)
      expect(shown(spelt)).toBe('signature_malformed')
    },
  )

  test('each byte of the digest counts', () => {
    for (let at = 0; at < digest.length; at++) {
      const wrong = Buffer.from(digest)
      wrong[at]! ^= 0x80
      expect(shown(encode(wrong, encoding)), `byte ${at}`).toBe('signature_mismatch')
    }
  })

  test('a digest cut short, grown or doubled is refused', () => {
    for (const wrong of [
      digest.subarray(0, -1),
      digest.subarray(1),
      digest.subarray(0, 1),
      digest.subarray(0, digest.length / 2),
      Buffer.concat([digest, Buffer.alloc(1)]),
      Buffer.concat([digest, digest]),
      Buffer.alloc(digest.length),
      Buffer.alloc(0),
    ])
      expect(shown(encode(wrong, encoding)), String(wrong.length)).toMatch(REFUSED_SIGNATURE)
  })

  test('white space, quotes, a comma or NUL before or after it are refused', () => {
    const { parse } = scheme.signature
    for (const junk of [
      ' ',
      '\t',
      '\n',
      '\r\n',
      '"',
      "'",
      ',',
      ';',
      '=',
      '\0',
      '\u00a0',
      '\ufeff',
      '%20',
      '#',
      '?a=b',
    ]) {
      for (const changed of [put(`${text}${junk}`), put(`${junk}${text}`), `${junk}${whole}`]) {
        // Grammars with items: the first is skipped or the digest stands alone in its own.
        const items = 'itemSeparator' in parse && changed.split(parse.itemSeparator).includes(text)
        const spaced = parse.kind === 'pairs' && parse.spaced === true && junk === ' ' && changed.startsWith(' ')
        const result = judge(proof.write(request, changed))
        if ((items && parse.kind === 'positional') || spaced) continue
        expect(result, JSON.stringify(changed)).toMatch(/^(?:signature_|timestamp_m|key_unknown)/)
      }
    }
  })

  test('the name of another version or algorithm in its place is refused', () => {
    const { parse } = scheme.signature
    const names = [
      'v0',
      'v1',
      'v1a',
      'v2',
      'V1',
      'sha1',
      'sha256',
      'sha512',
      'md5',
      'SHA256',
      'hmac-sha256',
      'none',
      '',
    ]
    for (const name of names) {
      if (parse.kind === 'prefix') {
        const prefix = `${name}${parse.prefix.at(-1)}`
        if (prefix === parse.prefix) continue
        expect(judge(proof.write(request, prefix + text)), prefix).toMatch(REFUSED_SIGNATURE)
        // Without any, only where the sender leaves it out.
        expect(judge(proof.write(request, text))).toMatch(parse.optional === true ? /^accepted$/ : REFUSED_SIGNATURE)
      }
      if (parse.kind === 'list' || parse.kind === 'pairs' || parse.kind === 'keyed-list') {
        const own = parse.kind === 'list' ? parse.version : parse.kind === 'pairs' ? parse.signatureKey : undefined
        const separator = parse.kind === 'list' ? parse.versionSeparator : parse.valueSeparator
        if (name === own) continue
        const items = whole.split(parse.itemSeparator)
        const changed = [...items.slice(0, -1), name + separator + text].join(parse.itemSeparator)
        expect(judge(proof.write(request, changed)), changed).toMatch(REFUSED_SIGNATURE)
      }
    }
  })

  test('a digest by another algorithm under the right key is refused', () => {
    if (scheme.family === 'asymmetric') {
      // A public key is known to all: an HMAC keyed with it proves nothing.
      const pasted = [key.verifying, Buffer.from(key.verifying, 'base64'), Buffer.from(key.verifying, 'hex')]
      for (const material of pasted)
        for (const hash of ['sha1', 'sha256', 'sha512']) {
          const mac = createHmac(hash, material).update(request.body).digest()
          expect(shown(encode(mac, encoding))).toMatch(REFUSED_SIGNATURE)
          expect(shown(encode(Buffer.concat([mac, mac, mac, mac]).subarray(0, digest.length), encoding))).toMatch(
            REFUSED_SIGNATURE,
          )
        }
      return
    }
    for (const algorithm of ['sha1', 'sha256', 'sha512'] as const) {
      if (algorithm === scheme.algorithm) continue
      const changed = aSigned({ ...each, scheme: { ...scheme, algorithm } }, { key }).request
      expect(judge(changed), algorithm).toMatch(REFUSED_SIGNATURE)
    }
  })

  test('10,000 candidates are refused before one of them is decoded', () => {
    const { parse } = scheme.signature
    const separator = 'itemSeparator' in parse ? parse.itemSeparator : ','
    const many = Array.from({ length: 10_000 }, () => put(text)).join(separator)
    expect(many.length).toBeGreaterThan(100_000)
    expect(judge(proof.write(request, many))).toBe('too_many_signatures')
    // Ten thousand of them with the right one first, so short that only their number counts.
    const short = Array.from({ length: MAX_SIGNATURES + 1 }, () => 'x')
    if (parse.kind === 'list')
      expect(
        judge(proof.write(request, short.map((each) => parse.version + parse.versionSeparator + each).join(separator))),
      ).toBe('too_many_signatures')
    if (proof.at === 'header') {
      const headers = Array.from({ length: 10_000 }, () => [proof.label.slice('header '.length), whole] as const)
      expect(judge({ ...request, headers: [...request.headers, ...headers] })).toMatch(
        /^(?:header_duplicated|too_many_signatures)$/,
      )
    }
  })

  test('a signature of another request is refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: digest.length, maxLength: digest.length }), (bytes) => {
        expect(shown(encode(Buffer.from(bytes), encoding))).toBe('signature_mismatch')
      }),
      { numRuns: 10 },
    )
  })
})

/** The headers, in order, in which a sender may put several signatures of one request. */
function signatureHeaders({ signature }: SignedByScheme): readonly string[] {
  if ('headers' in signature)
    return Array.from({ length: signature.headers.to }, (_, index) => `${signature.headers.prefix}${index + 1}`)
  if (!('header' in signature)) return []
  return signature.repeated === true
    ? Array.from({ length: MAX_SIGNATURES }, () => signature.header)
    : [signature.header, ...(signature.also ?? [])]
}

const inSeveralHeaders = SCHEME_CASES.filter(isSigned).filter(({ scheme }) => signatureHeaders(scheme).length > 1)

test('there are schemes with several headers of each kind', () => {
  const kinds = new Set(inSeveralHeaders.flatMap(({ scheme }) => Object.keys(scheme.signature)))
  for (const kind of ['headers', 'repeated', 'also']) expect(kinds).toContain(kind)
})

describe.each(inSeveralHeaders)('$label, several headers', (each) => {
  const { scheme } = each
  const { key, request } = aSigned(each)
  const proof = proofParts(each, request)[0]!
  const right = proof.read(request)!
  const wrong = proof.read(aSigned(each, { key: keyOf(scheme, 1) }).request)!
  const names = signatureHeaders(scheme)
  const judge = (headers: readonly (readonly [string, string])[]) =>
    verdict(
      each,
      { ...proof.write(request, undefined), headers: [...proof.write(request, undefined).headers, ...headers] },
      [key.verifying],
    )
  const withRight = (at: number, count: number) =>
    names.slice(0, count).map((name, index) => [name, index === at ? right : wrong] as const)

  test('the right digest counts at any place among them', () => {
    for (const at of names.keys()) expect(judge(withRight(at, names.length)), `place ${at}`).toBe('accepted')
    expect(judge(withRight(-1, names.length))).toBe('signature_mismatch')
  })

  test('their order on the wire is not what counts, their number is', () => {
    expect(judge([...withRight(0, names.length)].reverse())).toBe('accepted')
    const more = [...withRight(0, names.length), [names.at(-1)!, wrong] as const]
    expect(judge(more)).toMatch(/^(?:too_many_signatures|header_duplicated)$/)
  })

  testIf('headers' in scheme.signature)('after a gap, and beyond the last number, nothing is read', () => {
    const beyond = names.at(-1)!.replace(/\d+$/, (last) => String(Number(last) + 1))
    expect(
      judge([
        [names[0]!, wrong],
        [names[2]!, right],
      ]),
    ).toBe('signature_mismatch')
    expect(judge([[names[1]!, right]])).toBe('signature_missing')
    expect(
      judge([
        [names[0]!, wrong],
        [beyond, right],
      ]),
    ).toBe('signature_mismatch')
    expect(judge([[names[0]!.replace(/1$/, '01'), right]])).toBe('signature_missing')
  })
})

/** One byte of each class that a body may hold, where it first stands, and what it becomes. */
const BYTE_CLASSES = [
  ['digit', /[0-8]/, (byte: number) => byte + 1],
  ['letter', /[a-y]/, (byte: number) => byte + 1],
  ['case of a letter', /[a-z]/, (byte: number) => byte ^ 0x20],
  ['quote', /"/, () => 0x27],
  ['white space', / /, () => 0x09],
  ['line break', /\n/, () => 0x20],
  ['high byte', /[\x80-\xff]/, (byte: number) => byte ^ 1],
] as const

/** Holds one of each class; JSON, a form field and free text at once. */
const ANY_TEXT = 'a={"n": 12,"t": "Gr\u00fc\u00dfe \u{1f680}"}\n'

describe.each(SCHEME_CASES.filter(({ scheme }) => coversBody(scheme)))('$label, body', (each) => {
  const { key } = aSigned(each)
  const judge = (request: SignedRequest) => verdict(each, request, [key.verifying])
  const timed = timeInBody(each.scheme)
  // A time in a JSON body is looked for once the signature matched; in a body that is no JSON it is not there.
  const matched = timed === undefined ? 'accepted' : 'timestamp_missing'
  const refused = /^(?:signature_mismatch|signature_malformed|claim_mismatch)$/

  test.each(BYTE_CLASSES)('one %s changed is refused', (_, pattern, change) => {
    const { request } = aSigned(each, { body: Buffer.from(ANY_TEXT) })
    expect(judge(request)).toBe(matched)
    const at = request.body.toString('latin1').search(pattern)
    expect(at).toBeGreaterThanOrEqual(0)
    const body = Buffer.from(request.body)
    body[at] = change(body[at]!)
    expect(judge({ ...request, body })).toMatch(refused)
  })

  test('bytes that are not UTF-8 are signed as they are, and each wrong decoding of them is another body', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
        const body = Buffer.concat([Buffer.from('a='), Buffer.from(bytes).map((byte) => (byte === 0x26 ? 0x27 : byte))])
        const { request } = aSigned(each, { body: Buffer.concat([body, Buffer.from([0xff])]) })
        expect(judge(request)).toBe(matched)
        for (const twin of [
          Buffer.from(request.body.toString('utf8'), 'utf8'),
          Buffer.from(request.body.toString('latin1'), 'utf8'),
          Buffer.from(request.body.toString('ascii'), 'latin1'),
        ])
          if (!twin.equals(request.body)) expect(judge({ ...request, body: twin })).toMatch(refused)
      }),
      { numRuns: each.scheme.family === 'asymmetric' || each.scheme.family === 'jwt' ? 5 : 20 },
    )
  })

  test('what a careless replacement would expand is signed as it is', () => {
    for (const text of ['$&', '$1', "a=$'", 'a=$`', 'a=$$', '{body}', '{ts}', 'a={key}', '%', 'a=%zz', '']) {
      const { request } = aSigned(each, { body: Buffer.from(text) })
      expect(judge(request), text).toBe(matched)
    }
  })

  test('a body in place of none, and none in place of one', () => {
    const empty = aSigned(each, { body: Buffer.alloc(0) }).request
    const full = aSigned(each, { body: Buffer.from('a=1') }).request
    const proof = proofParts(each, full)[0]!
    for (const [from, to] of [
      [empty, full],
      [full, empty],
    ] as const)
      expect(judge(proof.write(to, proof.read(from)))).toMatch(refused)
  })
})

function timeInBody(scheme: Scheme): string | undefined {
  const timestamp = 'timestamp' in scheme ? scheme.timestamp?.in : undefined
  return typeof timestamp === 'object' && 'body' in timestamp ? timestamp.body : undefined
}

describe.each(
  SCHEME_CASES.filter(isSigned).filter(({ scheme }) => scheme.timestamp !== undefined),
)('$label, time', (each) => {
  const { scheme } = each
  const { unit, toleranceSeconds, aheadSeconds = toleranceSeconds } = scheme.timestamp!
  const { key } = aSigned(each)
  // Some units know no fraction of a second: the text is rounded down.
  const at = (now: number) => judgement(each, aSigned(each, { now }).request, [key.verifying])

  test('accepted at exactly the edge and refused one unit beyond, on both sides', () => {
    const step = unit === 's' ? 1000 : 1
    const said = (now: number) => {
      const result = at(now)
      return result.ok ? result.signedAt : result.reason
    }
    const [past, ahead] = [NOW - toleranceSeconds * 1000, NOW + aheadSeconds * 1000]
    expect(said(past)).toBe(past)
    expect(said(past - step)).toBe('signature_stale')
    expect(said(past - 1000)).toBe('signature_stale')
    expect(said(ahead)).toBe(ahead)
    expect(said(ahead + step)).toBe('signature_future')
    expect(said(ahead + 1000)).toBe('signature_future')
  })

  test('a window of one’s own may narrow what is ahead and never widens it', () => {
    const request = aSigned(each, { now: NOW + aheadSeconds * 1000 }).request
    const within = (tolerance: number, now: number) =>
      verdict(each, request, [key.verifying], {
        now,
        options: { settings: settingsOf(each), toleranceSeconds: tolerance },
      })
    expect(within(toleranceSeconds * 2, NOW)).toBe('accepted')
    if (scheme.timestamp!.aheadSeconds !== undefined)
      expect(within(toleranceSeconds * 2, NOW - 1)).toBe('signature_future')
    expect(within(Math.max(0, aheadSeconds - 1), NOW)).toBe('signature_future')
  })

  test('the time of one request under the signature of another is refused', () => {
    const first = aSigned(each, { now: NOW - 1000 }).request
    const second = aSigned(each, { now: NOW }).request
    const [proof, ...parts] = proofParts(each, second)
    const part = parts.find(({ role }) => role === 'timestamp') ?? proof!
    const written = [writeTimestamp(NOW - 1000, unit), writeTimestamp(NOW, unit)] as const
    const changed = part.write(second, part.read(second)!.replace(written[1], written[0]))
    expect(verdict(each, changed, [key.verifying])).toBe('signature_mismatch')
    expect(verdict(each, first, [key.verifying])).toBe('accepted')
  })

  const path = timeInBody(scheme)
  testIf(path !== undefined)(
    'a time in the body that is missing, no time or of another unit is refused after the match',
    () => {
      const { timestamp: _, ...untimed } = scheme
      const { body } = aSigned(each).request
      for (const [text, reason] of [
        ['', 'timestamp_malformed'],
        ['soon', 'timestamp_m'],
        [`${NOW / 1000}${unit === 's' ? '000' : ''}`, 'timestamp_malformed'],
        ['-1', 'timestamp_malformed'],
      ] as const) {
        const edited = Buffer.from(
          body
            .toString()
            .replace(new RegExp(`("${path!.split('.').at(-1)}":)("[^"]*"|\\d+)`), `$1${JSON.stringify(text)}`),
        )
        expect(edited.equals(body)).toBe(false)
        const { request } = aSigned({ ...each, scheme: untimed as SignedByScheme }, { body: edited })
        expect(verdict(each, request, [key.verifying]), text).toMatch(reason)
      }
    },
  )
})
