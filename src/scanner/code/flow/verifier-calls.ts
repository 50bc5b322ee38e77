/** Verifiers of providers, public keys and JWTs. */

import { READS_JWT, READS_SIGNED_TOKEN, VERIFIES_WITH_PUBLIC_KEY } from '../knowledge/known-calls.ts'
import { failuresAreValues } from '../knowledge/libraries.ts'
import { knownVerifier } from '../knowledge/verifiers.ts'
import type { Called } from './called.ts'
import { bareCheck } from './checks.ts'
import { keyOf } from './digests.ts'
import type { Machine, Outcome } from './machine.ts'
import { deep, headersOf, signedOver } from './noting.ts'
import { isKnownSet } from './proofs.ts'
import { IDENTITY } from './requests.ts'
import type { State } from './state.ts'
import { derived, fromRequest, has, numberOf, textOf, UNKNOWN, type Value } from './value.ts'

/** Their constructors or verifiers throw without a key. */
const REFUSES_EMPTY_KEYS = /svix|standard|octokit|github|clerk|resend|paddle|polar/i

export function verifierCall(interpreter: Machine, called: Called, state: State): Outcome[] | undefined {
  const { args, named, path, at, object } = called
  const all = [...args, ...named.values()]
  // `Slack::Events::Request.new(request).verify!`: a request in a wrapper that knows how it is signed.
  if (object?.role === 'request' && /\.verify$/.test(path)) {
    const check = interpreter.record.check({ ...bareCheck('delegated', called.written, at), throws: !called.used })
    state.ask(check)
    const wrong = state.fork()
    wrong.fail(check)
    interpreter.throwIn(wrong, undefined, false)
    if (!called.used) state.pass(check)
    return [{ state, value: { origins: [], check: { check, positive: true } } }]
  }
  const known = knownVerifier(path) ?? knownVerifier(called.written)
  const isInstance = /(?:Webhook|Receiver|RequestValidator)\(\)\.verify$/.test(path)
  if (known !== undefined && !called.isNew && !(path === 'verify' && !isInstance)) {
    const body = known.body === 'none' ? undefined : (args[known.body] ?? named.get('payload') ?? named.get('body'))
    const secretValue = known.secretArg === undefined ? undefined : (args[known.secretArg] ?? named.get('secret'))
    const secrets = [
      ...(secretValue === undefined ? [] : keyOf(secretValue, at)),
      ...all.flatMap((value) => value.origins),
      ...(object?.origins ?? []),
    ].flatMap((origin) => (origin.kind === 'secret' ? [origin.secret] : []))
    // `ValidatePayload(r, []byte(""))`: go-github then verifies nothing.
    if (secretValue !== undefined && textOf(secretValue) === '' && /\.ValidatePayload$/.test(path))
      return [{ state, value: { origins: [{ kind: 'raw-body' }], symbol: 'raw-body', ref: 'text()' } }]
    const bytes = all.find((value) => has(value, 'raw-body', 'reserialised') && value.role === undefined)
    // `verifyAndReceive({ id, name, payload: JSON.stringify(body), signature })`
    const rewritten =
      known.takesFields !== true &&
      all.some((value) => deep(value, state).some(({ kind }) => kind === 'reserialised')) &&
      !all.some((value) => value.role === 'request' || deep(value, state).some(({ kind }) => kind === 'raw-body'))
    const over = rewritten
      ? ('reserialised' as const)
      : known.takesFields === true && bytes !== undefined
        ? signedOver(bytes.origins)
        : body === undefined
          ? known.takesFields === true
            ? ('fields' as const)
            : ('unknown' as const)
          : known.takesFields === true
            ? ('fields' as const)
            : signedOver(body.origins)
    // A helper of the same name whose answer nobody takes is believed to raise.
    const raises = known.refuses === 'throws' || (!called.used && !isOf(known.provider, path))
    const tolerance = numberOf(args[3]) ?? numberOf(named.get('tolerance')) ?? known.toleranceSeconds
    const check = interpreter.record.check({
      ...bareCheck('verifier', path, at),
      over,
      secrets: [...new Map(secrets.map((one) => [one.name, one])).values()],
      headers: all.flatMap(headersOf),
      provider: known.provider,
      toleranceSeconds: tolerance,
      throws: raises,
      openWithout: REFUSES_EMPTY_KEYS.test(known.provider)
        ? []
        : secrets.filter((secret) => secret.fallback === '' && !isKnownSet(state, secret)),
    })
    state.ask(check)
    const payload: Value =
      known.givesRaw === true
        ? { origins: [{ kind: 'raw-body' }], symbol: 'raw-body', ref: 'text()' }
        : { origins: [{ kind: 'parsed-body', path: '' }], symbol: 'parsed-body' }
    if (failuresAreValues(interpreter.surface.module.language))
      return [{ state, value: { ...payload, check: { check, positive: true } } }]
    if (!raises) return [{ state, value: { origins: [], check: { check, positive: true } } }]
    const wrong = state.fork()
    wrong.fail(check)
    interpreter.throwIn(wrong, undefined, true)
    const passed = state
    passed.pass(check)
    return [{ state: passed, value: payload }]
  }
  // `createVerify('sha256')` is fed what was signed before it is asked.
  if (/(?:^|\.)createVerify\(\)$/.test(object?.ref ?? '') && /\.(?:update|write|end)$/.test(path))
    return [{ state, value: object ?? UNKNOWN }]
  // Public keys: `crypto.verify(alg, data, key, sig)`, nacl, `key.verify(…)`, `subtle.verify`.
  if (
    VERIFIES_WITH_PUBLIC_KEY.test(path) ||
    (/(?:public_?key|verify_?key|verifier|cert(?:ificate)?|pub_?key|load_pem_public_key\(\)|ecdsa|verifying_?key)[\w.()]*\.verify$/i.test(
      path,
    ) &&
      fromRequest(derived(...all)))
  ) {
    // Those of Python raise, those of the other languages answer.
    const raises =
      interpreter.surface.module.language === 'python' || !/crypto|subtle|detached|createVerify|ed25519/.test(path)
    const check = interpreter.record.check({
      ...bareCheck('verifier', path, at),
      over: signedOver(
        all.flatMap((value) => (has(value, 'raw-body', 'parsed-body', 'reserialised') ? value.origins : [])),
      ),
      headers: all.flatMap(headersOf),
      secrets: [],
      throws: raises,
    })
    state.ask(check)
    if (!raises) return [{ state, value: { origins: [], check: { check, positive: true } } }]
    const wrong = state.fork()
    wrong.fail(check)
    interpreter.throwIn(wrong, undefined, true)
    state.pass(check)
    return [{ state, value: UNKNOWN }]
  }
  // A signed, timed token is the right to what it names.
  if (READS_SIGNED_TOKEN.test(path)) {
    const check = interpreter.record.check({ ...bareCheck('capability', path, at), throws: true })
    state.ask(check)
    const wrong = state.fork()
    wrong.fail(check)
    interpreter.throwIn(wrong, undefined, true)
    state.pass(check)
    return [{ state, value: derived(...args) }]
  }
  // JWTs: what they prove is who calls.
  if (READS_JWT.test(path)) {
    const unverified = [...named.entries()].some(
      ([name, value]) =>
        (name === 'options' &&
          value.object !== undefined &&
          state.get(value.object, 'verify_signature')?.literal?.value === false) ||
        (name === 'verify' && value.literal?.value === false),
    )
    if (unverified || (/decode$/.test(path) && /jsonwebtoken|jwt-decode/.test(path)))
      return [{ state, value: derived(...args) }]
    const options = args[1]?.object
    const headers = all.flatMap(headersOf)
    // Of a function of the project's own a text in the second place may be anything, such as the kind of token.
    const isLibrary = !/(?:^|\.)verify(?:Token|Jwt)$/i.test(path)
    const key =
      (options === undefined ? undefined : state.get(options, 'secret')) ??
      (isLibrary || args[1]?.literal === undefined ? args[1] : undefined) ??
      named.get('key')
    const check = interpreter.record.check({
      ...bareCheck('identity', path, at),
      headers,
      byCookie: headers.includes('cookie') || all.some((value) => has(value, 'cookie')),
      secrets: [...all.flatMap((value) => deep(value, state)), ...keyOf(key, at)].flatMap((origin) =>
        origin.kind === 'secret' ? [origin.secret] : [],
      ),
      throws: true,
    })
    state.ask(check)
    const wrong = state.fork()
    wrong.fail(check)
    interpreter.throwIn(wrong, undefined, true)
    state.pass(check)
    return [{ state, value: { ...IDENTITY } }]
  }
  return undefined
}

function isOf(provider: string, path: string): boolean {
  return path
    .toLowerCase()
    .replace(/[^a-z]/g, '')
    .includes(provider.toLowerCase().replace(/[^a-z]/g, ''))
}
