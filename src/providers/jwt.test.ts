/** Tokens of another implementation are accepted, and ours by it: `jose` on both sides. */
import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { aSigned, isJwt, NOW, proofParts, SCHEME_CASES, verdict } from '../../test/support/signed-requests.ts'
import { parseKey } from './keys.ts'

describe.each(SCHEME_CASES.filter(isJwt))('$label', (each) => {
  const { scheme } = each
  const { key, request } = aSigned(each)
  const proof = proofParts(each, request)[0]!
  const whole = proof.read(request)!
  const prefix = whole.slice(0, whole.lastIndexOf(' ') + 1)
  const [signing, verifying] = keysOf(each)

  function keysOf({ scheme }: typeof each): readonly [KeyObject, KeyObject] {
    if (key.signing.includes('PRIVATE KEY')) return [createPrivateKey(key.signing), createPublicKey(key.verifying)]
    const parsed = parseKey(scheme, key.signing)
    if (!parsed.ok || parsed.kind !== 'secret') throw new Error('a secret is expected')
    const secret = createSecretKey(parsed.key.export())
    return [secret, secret]
  }

  test('our token is one for jose', async () => {
    const token = whole.slice(prefix.length)
    const { payload, protectedHeader } = await jwtVerify(token, verifying, {
      algorithms: [...scheme.algorithms],
      currentDate: new Date(NOW),
    })
    expect(protectedHeader.alg).toBe(scheme.algorithms[0])
    expect(payload.exp).toBe(NOW / 1000 + 300)
  })

  test('jose’s token is one for us, until it is changed', async () => {
    const claims = JSON.parse(Buffer.from(whole.slice(prefix.length).split('.')[1]!, 'base64url').toString())
    for (const alg of scheme.algorithms) {
      const token = await new SignJWT(claims).setProtectedHeader({ alg, typ: 'JWT' }).sign(signing)
      const judge = (text: string, now = NOW) =>
        verdict(each, proof.write(request, prefix + text), [key.verifying], { now })
      expect(judge(token)).toBe('accepted')
      const [head, payload, tail] = token.split('.') as [string, string, string]
      const other = `${head}.${payload.slice(0, -2)}${payload.at(-2) === 'A' ? 'B' : 'A'}${payload.at(-1)}.${tail}`
      expect(judge(other)).toMatch(/^signature_m/)
      await expect(jwtVerify(other, verifying, { currentDate: new Date(NOW) })).rejects.toThrow()
      // Both refuse at the second in which it expires, when neither is given any slack.
      const slack = (scheme.claims.clockToleranceSeconds ?? 0) * 1000
      expect(judge(token, NOW + 300_000 + slack)).toBe('signature_stale')
      await expect(jwtVerify(token, verifying, { currentDate: new Date(NOW + 300_000) })).rejects.toThrow(/exp/)
    }
  })
})
