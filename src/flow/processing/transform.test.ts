import { afterAll, describe, expect, test } from 'vitest'
import { eventDocument } from './event-document.ts'
import { MAX_TRANSFORM_LENGTH, openTransforms } from './transform.ts'

const transforms = openTransforms({ limits: { maxTurns: 100 }, killAfterMs: 3_000 })
afterAll(() => transforms.close())

const aDocument = (body: unknown = { amount: 1250, currency: 'EUR', items: [{ sku: 'a', qty: 2 }] }) =>
  eventDocument({
    method: 'POST',
    target: '/hook?mode=live',
    headers: [['X-Topic', 'orders']],
    body,
    attributes: {
      id: 'evt_1',
      source: '/providers/shop',
      type: 'order.created',
      time: new Date('2026-05-04T10:00:00Z'),
      provider: 'shop',
    },
  })

const OWNER = 'tenant'
const run = (text: string, document = aDocument()) => transforms.run(text, document, OWNER)
const bodyOf = async (text: string, document = aDocument()) => {
  const result = await run(text, document)
  return result.ok ? JSON.parse(result.body) : result
}
/** Somebody else's transform, which must go on whatever the others do. */
const others = async () =>
  expect(await transforms.run('amount / 100', aDocument(), 'other')).toMatchObject({ body: '12.5' })

describe('what a transform makes of an event', () => {
  test.each([
    ['{"total": amount / 100, "kind": $attributes.type}', { total: 12.5, kind: 'order.created' }],
    ['[items.{"code": sku, "n": qty}]', [{ code: 'a', n: 2 }]],
    ['$headers."x-topic" & ":" & $query.mode & ":" & $path & ":" & $method', 'orders:live:/hook:POST'],
    ['$base64decode($base64encode("webhook?"))', 'webhook?'],
    ['$base64encode("\u00ff\u00fe")', '//4='],
    ['$base64decode("__4")', '\u00ff\u00fe'],
    ['$merge([$, {"seen": true}]).seen', true],
    ['"Zoë 😀"', 'Zoë 😀'],
    ['null', null],
  ])('%s', async (text, body) => {
    expect(await bodyOf(text)).toEqual(body)
  })

  test('the clock stands at the time of the event, so that a retry makes the same body', async () => {
    expect(await bodyOf('[$now(), $millis(), $fromMillis($millis(), "[Y]")]')).toEqual([
      '2026-05-04T10:00:00.000Z',
      Date.parse('2026-05-04T10:00:00Z'),
      '2026',
    ])
  })

  test('fields may be called whatever a body calls them', async () => {
    const body = JSON.parse('{"constructor": {"a": 1}, "__proto__": {"b": 2}, "toString": 3, "hasOwnProperty": 4}')
    const result = await run('$merge([$, {"valueOf": constructor.a}])', aDocument(body))
    expect(result.ok && JSON.parse(result.body)).toEqual(
      JSON.parse('{"constructor": {"a": 1}, "__proto__": {"b": 2}, "toString": 3, "hasOwnProperty": 4, "valueOf": 1}'),
    )
  })

  test('an event leaves nothing behind for the next', async () => {
    const text = '($x := $exists($x) ? $x : amount; $y := $x; $x)'
    expect(await bodyOf(text, aDocument({ amount: 1 }))).toBe(1)
    expect(await bodyOf(text, aDocument({ amount: 2 }))).toBe(2)
  })
})

describe('what is refused when it is saved, with its place', () => {
  test.each<[string, number, number, string]>([
    ['', 1, 1, 'end of expression'],
    ['{"a": }', 1, 7, 'cannot be used'],
    ['{\n  "a": amount +\n}', 3, 1, 'cannot be used'],
    ['items[', 1, 6, 'end'],
    ['amount & $random()', 1, 16, '$random'],
    ['$shuffle(items)', 1, 8, '$shuffle'],
    ['$eval("1+1")', 1, 5, '$eval'],
    ['($f := $random; $f())', 1, 14, '$random'],
    ['/(/', 1, 3, ''],
  ])('%s', async (text, line, column, message) => {
    const compilation = await transforms.compile(text, OWNER)
    if (compilation.ok) throw new Error('it was accepted')
    expect(compilation.error.message).toContain(message)
    expect([compilation.error.line, compilation.error.column]).toEqual([line, column])
    expect((await run(text)).ok).toBe(false)
    await others()
  })

  test.each([
    ['brackets', '('.repeat(5000)],
    ['lists', '['.repeat(15_000)],
    ['signs', '-'.repeat(15_000)],
    ['more than a transform may hold', 'a'.repeat(MAX_TRANSFORM_LENGTH + 1)],
  ])('%s without end', async (_, text) => {
    expect((await transforms.compile(text, OWNER)).ok).toBe(false)
    expect((await run(text)).ok).toBe(false)
    await others()
  })

  test('what is well formed is accepted without running it', async () => {
    expect(await transforms.compile('($f := function($n) { $f($n) }; $f(1))', OWNER)).toEqual({ ok: true })
  })
})

describe('when there is no body, there is a reason', () => {
  test.each([
    ['absent.field', 'transform_empty'],
    ['function($x) { $x }', 'transform_failed'],
    ['amount + currency', 'transform_failed'],
    ['$number(currency)', 'transform_failed'],
    ['$error("no " & currency)', 'transform_failed'],
    ['$pad("x", 2000000)', 'transform_too_large'],
    ['$pad("é", 600000, "é")', 'transform_too_large'],
  ])('%s', async (text, reason) => {
    expect(await run(text)).toMatchObject({ ok: false, reason })
  })

  test('the reason quotes the expression at most, and never the event', async () => {
    const secret = 'tok_5EcR3t'
    for (const text of [
      '$number(a)',
      '$error(a)',
      '$assert(false, a)',
      'a + 1',
      '$toMillis(a)',
      '{a: 1, a: 2}',
      '$lookup(a, a)(1)',
      '$a(b)',
    ]) {
      const result = await run(text, aDocument({ a: secret }))
      expect(JSON.stringify(result)).not.toContain(secret)
    }
  })
})

describe('whatever a transform does, it ends, and others go on', () => {
  test.each([
    ['an endless loop', '($f := function($n) { $f($n + 1) }; $f(1))'],
    ['deep recursion', '($f := function($n) { 1 + $f($n + 1) }; $f(1))'],
    ['two functions calling each other', '($f := function($n) { $g($n) }; $g := function($n) { $f($n) }; $f(1))'],
    ['a range of ten million', '$sum([1..10000000])'],
    ['a range over the limit', '[1..100000000000]'],
    ['ranges in ranges', '[1..100000].[1..100000]'],
    ['a text that doubles', '($f := function($s, $n) { $n = 0 ? $s : $f($s & $s, $n - 1) }; $f("aaaaaaaaaa", 60))'],
    ['a list that doubles', '($f := function($s, $n) { $n = 0 ? $s : $f($append($s, $s), $n - 1) }; $f([1..100], 60))'],
    ['a text padded to a billion characters', '$pad("a", 1000000000)'],
    ['a pattern that backtracks', `$contains("${'a'.repeat(40)}!", /^(a+)+$/)`],
    ['a replacement that backtracks', `$replace("${'ab'.repeat(40)}!", /^((ab)*)*$/, "")`],
    ['sorting at length', '$sort([1..200000], function($a, $b) { $a < $b })'],
    ['a join of everything', '$join([1..300000].$string($))'],
    ['parents of parents', '[1..3000].(%.%.%.%)'],
    ['a product of lists', '[1..1000]@$a.[1..1000]@$b.[1..1000]@$c.{"x": $a + $b + $c}'],
  ])('%s', async (_, text) => {
    const [result] = await Promise.all([run(text), others()])
    expect(result.ok).toBe(false)
    await others()
    expect(await bodyOf('amount')).toBe(1250)
  })

  test('endless ones of one owner leave room for the others', async () => {
    const endless = [1, 2, 3, 4, 5, 6, 7].map((start) => run(`($f := function($n) { $f($n + 1) }; $f(${start}))`))
    let waiting = endless.length
    for (const each of endless) void each.then(() => waiting--)
    await others()
    expect(waiting).toBeGreaterThan(0)
    expect((await Promise.all(endless)).every((result) => !result.ok)).toBe(true)
  })

  test('what took too long three times in a row rests, for its owner, whatever the event', async () => {
    const text = 'endless ? ($f := function($n) { $f($n + 1) }; $f(1)) : 1'
    for (let time = 0; time < 3; time++) await run(text, aDocument({ endless: true }))
    expect(await run(text, aDocument({ endless: false }))).toMatchObject({ ok: false, reason: 'transform_exceeded' })
    expect(await transforms.run(text, aDocument({ endless: false }), 'other')).toEqual({ ok: true, body: '1' })
  })
})

describe('a transform reaches nothing', () => {
  test.each([
    ...[
      'process',
      'global',
      'globalThis',
      'window',
      'require',
      'module',
      'this',
      'self',
      'console',
      'fetch',
      'WebAssembly',
    ],
    ...[
      '$process',
      '$globalThis',
      '$window',
      '$require',
      '$fetch',
      '$import',
      '$Function',
      '$constructor',
      '$__proto__',
    ],
    ...[
      'constructor',
      '__proto__',
      'constructor.constructor',
      '$.constructor',
      '$string.constructor',
      '$sum.__proto__',
    ],
    ...['$lookup($, "constructor")', '$lookup($sum, "constructor")', '$lookup($string, "implementation")'],
    ...['$map.implementation', '$now.implementation.constructor', '$keys($lookup($sum, "__proto__"))'],
    ...['(function($x) { $x }).environment', '(function($x) { $x }).body', '$sift.apply'],
  ])('%s', async (name) => {
    const result = await run(name, aDocument({ a: 1 }))
    if (result.ok) expect(result.body).not.toMatch(/native|process|constructor|environment|exports/)
    for (const call of [`${name}("return process")()`, `${name}.constructor("return 1")()`]) {
      const called = await run(call, aDocument({ a: 1 }))
      if (called.ok) expect(JSON.parse(called.body)).toBeNull()
    }
  })

  test.each([
    [
      'merging into prototypes',
      '$merge([{"__proto__": {"polluted": 1}}, {"constructor": {"prototype": {"polluted": 1}}}])',
    ],
    ['spreading', '$spread({"__proto__": {"polluted": 1}})'],
    ['grouping by it', '[{"k": "__proto__", "v": {"polluted": 1}}]{k: v}'],
    ['each', '$each({"__proto__": {"polluted": 1}}, function($v, $k) { {$k: $v} })'],
    ['changing through a copy', '$ ~> |$|{"__proto__": {"polluted": 1}}|'],
    ['changing the attributes', '$attributes ~> |$|{"type": "polluted"}|'],
    ['assigning to built-in functions', '($sum := function($x) { "polluted" }; $sum([1]))'],
  ])('nothing is polluted by %s', async (_, text) => {
    await run(text)
    await run(text)
    const check = `${text.length > 0 ? '' : ''}{"a": {}.polluted, "b": "".polluted, "sum": $sum([1, 2]), "type": $attributes.type}`
    expect(await bodyOf(check)).toEqual({ sum: 3, type: 'order.created' })
    expect(await transforms.run(check, aDocument(), 'other')).toMatchObject({ ok: true })
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})

test('bodies of a megabyte go in and out', async () => {
  const body = { text: 'é'.repeat(400_000), list: Array.from({ length: 10_000 }, (_, index) => index) }
  expect(await bodyOf('{"text": text, "count": $count(list)}', aDocument(body))).toEqual({
    text: body.text,
    count: 10_000,
  })
})

test('what waits when the pool closes is answered', async () => {
  const closing = openTransforms()
  const answers = ['1', '2', '3', '4'].map((text) => closing.run(text, aDocument(), OWNER))
  await closing.close()
  expect((await Promise.all(answers)).length).toBe(4)
  expect(await closing.run('1', aDocument(), OWNER)).toMatchObject({ ok: false })
})
