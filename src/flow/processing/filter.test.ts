import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type EventDocument, eventDocument } from './event-document.ts'
import { createFilters, MAX_FILTER_LENGTH } from './filter.ts'

const filters = createFilters()

const aDocument = (fields: Partial<Parameters<typeof eventDocument>[0]> = {}): EventDocument =>
  eventDocument({
    method: 'POST',
    target: '/api/v1/webhooks/shop?mode=live&tag=a&tag=b',
    headers: [
      ['X-Shop-Topic', 'orders/create'],
      ['X-Trace', '1'],
      ['x-trace', '2'],
    ],
    body: {
      amount: 120,
      currency: 'EUR',
      test: false,
      note: null,
      items: [
        { sku: 'A-1', qty: 2 },
        { sku: 'B-2', qty: 1 },
      ],
      customer: { email: 'ada@example.com', tags: ['vip', 'eu'] },
    },
    attributes: {
      id: 'evt_1',
      source: '/providers/shop',
      type: 'order.created',
      subject: 'o1',
      time: new Date('2026-05-04T10:00:00Z'),
      datacontenttype: 'application/json',
      provider: 'shop',
    },
    ...fields,
  })

function run(text: string, document = aDocument()) {
  const compilation = filters.compile(text)
  if (!compilation.ok) throw new Error(compilation.error.message)
  return compilation.filter.run(document)
}

function problemOf(text: string) {
  const compilation = filters.compile(text)
  if (compilation.ok) throw new Error(`${text} was accepted`)
  return compilation.error
}

describe('what a filter says of an event', () => {
  test.each([
    ['attributes.type == "order.created"', true],
    ['attributes.type.startsWith("invoice.")', false],
    ['attributes.time > timestamp("2026-05-04T09:59:59Z") && attributes.time.getHours() == 10', true],
    ['method == "POST" && path.endsWith("/shop")', true],
    ['query.mode == "live"', true],
    ['headers["x-shop-topic"] == "orders/create"', true],
    ['"x-absent" in headers', false],
    ['"x-absent" in headers && headers["x-absent"] == "1"', false],
    ['body.amount >= 100 && body.currency in ["EUR", "USD"]', true],
    ['body.amount == 120', true],
    ['body.items.exists(item, item.sku.startsWith("B-"))', true],
    ['body.items.all(item, item.qty > 1)', false],
    ['body.items.filter(item, item.qty > 1).size() == 1', true],
    ['body.items.map(item, item.sku) == ["A-1", "B-2"]', true],
    ['body.items[1].qty == 1', true],
    ['body.customer.email.matches("^[a-z]+@example\\\\.com$")', true],
    ['body.customer.email.upperAscii().lowerAscii().trim() == "ada@example.com"', true],
    ['"vip" in body.customer.tags', true],
    ['has(body.customer.phone)', false],
    ['has(body.refund) && body.refund.amount > 1', false],
    ['body.note == null', true],
    ['body.test == false ? true : false', true],
    ['size("é😀") == 2 && size(body.items) == 2', true],
    ['int(body.amount) % 7 == 1', true],
    ['{"a": 1}["a"] == 1', true],
    ['attributes["subject"] == "o1"', true],
  ])('%s is %s', (text, matches) => {
    expect(run(text)).toEqual({ ok: true, matches })
  })

  test('what a request says twice equals neither of what it says', () => {
    expect(run('query.tag == "a" || query.tag == "b"')).toEqual({ ok: true, matches: false })
    expect(run('query.tag == "a, b" && headers["x-trace"] == "1, 2"')).toEqual({ ok: true, matches: true })
  })

  test('a body is what it is, whatever its names are called', () => {
    const body = JSON.parse('{"constructor": {"name": 1}, "__proto__": {"a": 1}, "$typeName": "x", "toString": 2}')
    const document = aDocument({ body })
    expect(run('body.constructor.name == 1 && body["__proto__"].a == 1 && body["$typeName"] == "x"', document)).toEqual(
      {
        ok: true,
        matches: true,
      },
    )
    expect(run('has(body.valueOf) || "hasOwnProperty" in headers', document)).toEqual({ ok: true, matches: false })
  })
})

describe('when it cannot be said, there is a reason, and neither yes nor no', () => {
  test.each([
    ['body.refund.amount > 1', '`body.refund`'],
    ['headers["x-absent"] == "1"', 'headers[…]'],
    ['body.items[7].qty == 1', 'body.items[…].qty'],
    ['body.amount + 1 == 121', '`+` cannot be computed'],
    ['body.customer > 1', '`>` cannot be computed'],
    ['body.items.map(item, item.absent).size() == 1', 'item.absent'],
    ['int(body.currency) == 1', '`int` cannot be computed'],
    ['body.amount.startsWith("1")', '`startsWith` cannot be computed'],
    ['body.amount && true', 'cannot be'],
    ['body.amount ? true : false', 'cannot be'],
  ])('%s', (text, message) => {
    const result = run(text)
    expect(result).toMatchObject({ ok: false, reason: 'filter_failed', error: { line: 1 } })
    expect(result.ok ? '' : result.error.message).toContain(message)
  })

  test('the reason names the place in the filter and quotes nothing of the event', () => {
    const secret = 'tok_5EcR3t'
    const document = aDocument({ body: { a: secret, b: { [secret]: secret } } })
    for (const text of [
      'int(body.a) == 1',
      'timestamp(body.a) == attributes.time',
      'duration(body.a) > duration("1s")',
      'body.b[body.a].c == 1',
      'headers[body.a] == ""',
      '{body.a: 1, body.a: 2} == {}',
      'body.a + 1 == 1',
      'bool(body.a)',
      'double(body.a) > int(body.a) - 1',
    ]) {
      const result = run(text, document)
      expect(result.ok, text).toBe(false)
      expect(JSON.stringify(result)).not.toContain(secret)
    }
    expect(run('attributes.id == "evt_1" &&\n  int(body.a) == 1', document)).toMatchObject({
      error: { line: 2, column: 3 },
    })
  })

  test('a body that is neither JSON nor a form is null, and reading it fails', () => {
    const document = aDocument({ body: null })
    expect(run('body.amount > 1', document).ok).toBe(false)
    expect(run('body == null', document)).toEqual({ ok: true, matches: true })
  })
})

describe('what is refused when it is saved, with its place', () => {
  test.each([
    ['', 1, 1, 'CEL'],
    ['  ', 1, 3, 'CEL'],
    ['body.a == ', 1, 8, 'CEL'],
    ['true &&\n  body.a )', 2, 10, 'CEL'],
    ['bodi.a == 1', 1, 1, 'There is no `bodi`'],
    ['body.a == 1 && attributes.typ == "x"', 1, 26, '`attributes` has no `typ`'],
    ['attributes["typ"] == "x"', 1, 11, 'has no `typ`'],
    ['body.amount', 1, 5, 'true or false'],
    ['"yes"', 1, 1, 'true or false'],
    ['1 + 1', 1, 2, 'true or false'],
    ['attributes.type == 5', 1, 17, 'never equal'],
    ['method + 1 == ""', 1, 7, '`+`'],
    ['method > 1', 1, 7, '`>`'],
    ['method.size()', 1, 7, 'true or false'],
    ['method.shout() == ""', 1, 7, 'no function `shout`'],
    ['method && true', 1, 1, 'true or false'],
    ['method ? true : false', 1, 1, 'true or false'],
    ['method.all(x, true)', 1, 7, 'list or a map'],
    ['path.a == ""', 1, 5, 'no fields'],
    ['[1][""] == 1', 1, 4, 'by a number'],
    ['headers[1] == ""', 1, 8, 'by string'],
    ['method.matches("(")', 1, 16, 'pattern'],
    ['method.matches("a{1000}")', 1, 16, 'repeats too much'],
    ['method.matches("((a{9}){9}){9}")', 1, 16, 'repeats too much'],
    ['method.matches("(?=a)")', 1, 16, 'pattern'],
    ['method.matches(body.pattern)', 1, 20, 'in quotes'],
    ['google.protobuf.Timestamp{seconds: 1} == attributes.time', 1, 1, 'no messages'],
    ['"@tick" == method || @tick(1) == 1', 1, 19, 'CEL'],
  ])('%s', (text, line, column, message) => {
    const problem = problemOf(text)
    expect(problem.message).toContain(message)
    expect([problem.line, problem.column]).toEqual([line, column])
  })

  test.each([
    ['too long', `method == "${'a'.repeat(MAX_FILTER_LENGTH)}"`],
    ['too many brackets', `${'('.repeat(2000)}true${')'.repeat(2000)}`],
    ['too many closing brackets', ')'.repeat(4000)],
    ['too deep without brackets', `true${' ? true : true'.repeat(70)}`],
    ['a long sum', `${'1+'.repeat(1900)}1 == 1`],
    ['a long chain', `body${'.a'.repeat(1900)} == 1`],
    ['spaces', `true${' '.repeat(3900)}!`],
    ['quotes without end', '"'.repeat(3999)],
    ['a NUL', 'method == "\u0000'],
    ['half a character', '\ud800'],
  ])('%s', (_, text) => {
    expect(filters.compile(text).ok).toBe(false)
  })

  test('whatever the text is, it is compiled or refused with a place in it', () => {
    const words = fc.constantFrom(
      ...[
        'body',
        'headers',
        '.a',
        '[0]',
        '["a"]',
        '(',
        ')',
        '==',
        '&&',
        '||',
        '!',
        '-',
        '+',
        '1',
        '1.5',
        '"a"',
        'null',
      ],
      ...['true', 'has(', '.all(x, ', '.map(x, ', '.exists(x, ', 'x', '?', ':', '{', '}', '[', ']', ',', 'in', 'b"a"'],
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words).map((parts) => parts.join(' ')),
        ),
        (text) => {
          const compilation = filters.compile(text)
          if (compilation.ok) expect(typeof compilation.filter.run(aDocument()).ok).toBe('boolean')
          else expect(compilation.error.line).toBeGreaterThan(0)
        },
      ),
      { numRuns: 1000 },
    )
  })
})

describe('no filter hangs whoever runs it', () => {
  const numbers = Array.from({ length: 10_000 }, (_, index) => index)
  const document = aDocument({ body: { numbers, text: 'ab'.repeat(500_000), digits: '9'.repeat(1_000_000) } })
  const list = `[${'0,'.repeat(99)}0]`

  test.each([
    ['loops in loops', 'body.numbers.all(a, body.numbers.all(b, body.numbers.all(c, a + b + c >= 0.0)))'],
    ['loops over lists it brings along', `${list}.all(a, ${list}.all(b, ${list}.all(c, ${list}.all(d, true))))`],
    [
      'errors that are outvoted',
      'body.numbers.all(a, body.numbers.all(b, body.numbers.all(c, 1 / 0 == 1) || true) || true) || true',
    ],
    ['comparing trees in a loop', 'body.numbers.all(a, body.numbers == body.numbers)'],
    ['looking for trees in lists', 'body.numbers.all(a, body.numbers in [body.numbers, body.numbers])'],
    ['lists that double', `[body.numbers]${'.map(a, a + a)'.repeat(12)}[0].size() > 1`],
    ['a list made one by one', 'body.numbers.map(a, a).size() == 10000'],
    ['texts that double', `[body.text]${'.map(a, a + a)'.repeat(12)}[0].contains("c")`],
    ['a pattern with many states', 'body.text.matches("(a|b)*a[ab]{60}$")'],
    ['a pattern in a loop', 'body.numbers.all(a, !body.text.matches("c[ab]*d"))'],
    ['texts searched in a loop', 'body.numbers.all(a, !body.text.contains("ba".trim() + "aa"))'],
    ['time zones in a loop', 'body.numbers.all(a, attributes.time.getHours("Europe/Berlin") == 12)'],
  ])('%s: it ends with a reason', (_, text) => {
    expect(run(text, document)).toMatchObject({ ok: false, reason: 'filter_exceeded' })
  })

  test('a number of a million digits is not read', () => {
    expect(run('int(body.digits) > 0', document)).toMatchObject({ ok: false, reason: 'filter_failed' })
  })

  test('a filter that was too much for one event is ready for the next', () => {
    const compilation = filters.compile('body.numbers.all(a, body.numbers.all(b, a + b >= 0.0))')
    if (!compilation.ok) throw new Error(compilation.error.message)
    expect(compilation.filter.run(document).ok).toBe(false)
    expect(compilation.filter.run(aDocument({ body: { numbers: [1, 2] } }))).toEqual({ ok: true, matches: true })
  })

  test('a pattern that would hang a backtracking engine is answered', () => {
    const text = aDocument({ body: { text: `${'a'.repeat(2000)}!` } })
    expect(run('body.text.matches("^(a+)+$")', text)).toEqual({ ok: true, matches: false })
  })
})
