/**
 * The program that runs inside the sandbox, around the JSONata library: JavaScript for QuickJS, which has no imports.
 *
 * The clock stands at the event's time and there is no chance, so that a retry makes the same body again. Functions
 * cannot be made from text, and everything shared is frozen: if an expression ever gets hold of JavaScript (JSONata has
 * had such holes, CVE-2026-77413 and -77415), it finds nothing to change and nothing that leads out.
 */
export const BOOT = String.raw`
(library) => {
  'use strict'
  let clock = 0
  const RealDate = Date
  function PinnedDate(...args) {
    if (new.target === undefined) return new RealDate(clock).toISOString()
    return Reflect.construct(RealDate, args.length === 0 ? [clock] : args, new.target === PinnedDate ? RealDate : new.target)
  }
  Object.assign(PinnedDate, { UTC: RealDate.UTC, parse: RealDate.parse, now: () => clock, prototype: RealDate.prototype })
  RealDate.prototype.constructor = PinnedDate
  globalThis.Date = PinnedDate
  Math.random = () => { throw new Error('chance') }

  const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  function btoa(text) {
    let out = ''
    for (let i = 0; i < text.length; i += 3) {
      const bytes = [text.charCodeAt(i), text.charCodeAt(i + 1), text.charCodeAt(i + 2)]
      if (bytes.some((byte) => byte > 255)) throw new Error('not bytes')
      const [a, b, c] = bytes
      out += ALPHABET[a >> 2] + ALPHABET[((a & 3) << 4) | (b >> 4)]
        + (i + 1 < text.length ? ALPHABET[((b & 15) << 2) | (c >> 6)] : '=') + (i + 2 < text.length ? ALPHABET[c & 63] : '=')
    }
    return out
  }
  function atob(text) {
    let out = '', bits = 0, held = 0
    for (const character of text.replace(/[=\s]/g, '').replace(/-/g, '+').replace(/_/g, '/')) {
      const value = ALPHABET.indexOf(character)
      if (value === -1) throw new Error('not base64')
      held = ((held << 6) | value) & 0xffff
      bits += 6
      if (bits >= 8) out += String.fromCharCode((held >> (bits -= 8)) & 255)
    }
    return out
  }
  // The library looks for a browser before it looks for Node.js, and finds these two of it.
  globalThis.window = { btoa, atob }

  const module = { exports: {} }
  library(module, module.exports)
  const jsonata = module.exports
  const { parse, stringify } = JSON

  for (const make of [function () {}, async function () {}, function* () {}, async function* () {}])
    Object.defineProperty(Object.getPrototypeOf(make), 'constructor', { value: undefined })
  delete globalThis.eval
  delete globalThis.Function
  freezeAll(globalThis)
  letNamesBeOverridden(Object.prototype)
  Object.freeze(Object.prototype)

  function freezeAll(root) {
    const seen = new Set(), open = [root]
    while (open.length > 0) {
      const value = open.pop()
      if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) continue
      seen.add(value)
      open.push(Object.getPrototypeOf(value))
      for (const each of Object.values(Object.getOwnPropertyDescriptors(value))) open.push(each.value, each.get, each.set)
      if (value !== Object.prototype) Object.freeze(value)
    }
  }

  // Assigning to a name that a frozen prototype has fails, and a body may well have a field called constructor.
  function letNamesBeOverridden(prototype) {
    for (const name of Object.getOwnPropertyNames(prototype)) {
      const { value, configurable } = Object.getOwnPropertyDescriptor(prototype, name)
      if (value === undefined || !configurable) continue
      Object.defineProperty(prototype, name, {
        configurable: false,
        get: () => value,
        set(own) {
          if (this === prototype) throw new TypeError('frozen')
          Object.defineProperty(this, name, { value: own, writable: true, enumerable: true, configurable: true })
        },
      })
    }
  }

  const REFUSED = new Set(['random', 'shuffle', 'eval'])
  function findRefused(root) {
    const open = [root]
    while (open.length > 0) {
      const node = open.pop()
      if (typeof node !== 'object' || node === null) continue
      if (node.type === 'variable' && REFUSED.has(node.value)) return node
      open.push(...Object.values(node))
    }
  }

  let expression
  return {
    /** Answers as JSON: {} or what is wrong. */
    load(text, options) {
      try {
        expression = jsonata(text, parse(options))
        const refused = findRefused(expression.ast())
        return refused === undefined ? '{}' : stringify({ refused: refused.value, position: refused.position ?? 0 })
      } catch (error) {
        const message = error.name === 'InternalError' ? 'This expression is too deep.' : error.code ? error.message : null
        return stringify({ message, position: error.position ?? 0 })
      }
    },
    /** Hands over, once it is there, the JSON text of what came out, or where it went wrong. */
    run(input, bindings, time, done) {
      clock = time
      expression.evaluate(parse(input), parse(bindings)).then((value) => stringify(value)).then(
        (text) => done(text, undefined),
        (error) => done(undefined, stringify({ code: error?.code ?? null, position: error?.position ?? null, limit: error?.name === 'InternalError' })),
      )
    },
  }
}`
