import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { readCorpus, SPEC_CORPUS } from '../../../bench/scan/corpus.ts'
import { buildReport } from '../report/report.ts'
import { scanPaths } from '../scan-paths.ts'
import { examineSpecs, readSpecs } from './examine-specs.ts'
import { looksLikeSpec, readSpec } from './read-spec.ts'

const examine = (text: string, file = 'openapi.yaml') => {
  const { documents, ...read } = readSpecs(new Map([[file, text]]), { readBeside: undefined, onProgress: undefined })
  return { ...read, surfaces: examineSpecs(documents, [], []) }
}

const only = (text: string) => {
  const { surfaces, problems } = examine(text)
  expect(problems).toEqual([])
  return surfaces
}

const HEAD = 'openapi: 3.1.0\ninfo: { title: t, version: "1" }\n'

describe('a file that is no description has a problem with a place, and no surface', () => {
  test.each([
    ['', 'The file is empty.'],
    ['\n \n', 'The file is empty.'],
    ['[]', 'A description must be a map with openapi, swagger or asyncapi, not a list.'],
    ['text', 'A description must be a map with openapi, swagger or asyncapi, not the text "text".'],
    ['a: 1', 'This is no description: openapi, swagger or asyncapi with a version is missing.'],
    [
      'openapi: 3.0.0\nswagger: "2.0"',
      'The description says it is both openapi and swagger; keep the one it is written in.',
    ],
    ['openapi: 4.0.0', 'openapi is the text "4.0.0"; this program reads OpenAPI 2.0 to 3.2 and AsyncAPI 2 and 3.'],
    ['swagger: "1.2"', 'swagger is the text "1.2"; this program reads OpenAPI 2.0 to 3.2 and AsyncAPI 2 and 3.'],
    ['asyncapi: {}', 'asyncapi is a map; this program reads OpenAPI 2.0 to 3.2 and AsyncAPI 2 and 3.'],
    ['{"openapi": "3.0.0", "openapi": "3.0.1"}', 'The key "openapi" stands here twice.'],
    [`${HEAD}paths:\n  /a: {}\n  /a: {}\n`, 'The key "/a" stands here twice.'],
    ['openapi: 3.0.0\npaths: [', undefined],
    ['\u0000', undefined],
  ])('%j', (text, message) => {
    const { surfaces, problems } = examine(text)
    expect(surfaces).toEqual([])
    expect(problems.length).toBeGreaterThan(0)
    if (message !== undefined) expect(problems.map((one) => one.message)).toContain(message)
    for (const { line, column } of problems) expect(Math.min(line, column)).toBeGreaterThanOrEqual(1)
  })
})

test('every version is read, written as text or as a number, with a byte order mark or without', () => {
  for (const version of [
    'openapi: 3.0',
    'openapi: "3.0.4"',
    'openapi: 3.1',
    'openapi: 3.2.0',
    'swagger: 2.0',
    "swagger: '2.0'",
  ])
    expect(readSpec(`${version}\npaths: {}\n`, 'f').problems, version).toEqual([])
  for (const version of ['2.0.0', '2.6.0', '3.0.0', '3.1.0'])
    expect(readSpec(`asyncapi: ${version}\nchannels: {}\n`, 'f').problems, version).toEqual([])
  const json = '\ufeff{"openapi": "3.0.0", "paths": {"/a": {"get": {"responses": {"200": {"description": "ok"}}}}}}'
  expect(only(json).map(({ route }) => route)).toEqual(['GET /a'])
  expect(looksLikeSpec(json)).toBe(true)
})

test('what is a description is told from its beginning, and what only mentions one is not', () => {
  for (const text of [
    'openapi: 3.0.0',
    '# a comment\n\nopenapi: "3.1.0"',
    '{\n  "swagger": "2.0"',
    '{"info":{"title":"t"},"openapi":"3.0.0"',
    '---\nasyncapi: 2.6.0',
    "'openapi': 3.0.0",
  ])
    expect(looksLikeSpec(text), text).toBe(true)
  for (const text of [
    'api:\n  openapi: openapi.yaml',
    'openapi: true',
    '{"dependencies": {"openapi": "^3.0.0"}}',
    'name: openapi: 3',
  ])
    expect(looksLikeSpec(text), text).toBe(false)
})

describe('references', () => {
  test('odd pointers lead where they say: ~1, ~0, percent escapes, lists', () => {
    const surfaces = only(`${HEAD}paths:
  /a~b/{c}:
    post:
      parameters:
        - { name: X-Signature, in: header, required: true, schema: { type: string } }
  /d:
    post:
      parameters: [ { $ref: '#/paths/~1a~0b~1%7Bc%7D/post/parameters/0' } ]
`)
    expect(surfaces.map(({ style }) => style)).toEqual(['webhook', 'webhook'])
  })

  test('circles end, and what they stand for is unknown and named', () => {
    const { documents } = readSpec(
      `${HEAD}components:
  schemas:
    A: { $ref: '#/components/schemas/B' }
    B: { $ref: '#/components/schemas/A' }
    C: { allOf: [ { $ref: '#/components/schemas/C' } ], properties: { c: { $ref: '#/components/schemas/C' } } }
  pathItems: { P: { $ref: '#/components/pathItems/P' } }
paths:
  /a: { post: { requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/A' } } } } } }
  /c: { post: { requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/C' } } } } } }
  /p: { $ref: '#/components/pathItems/P' }
`,
      'f.yaml',
    )
    expect(documents[0]?.remarks.map(({ message }) => message)).toContain(
      '$ref "#/components/schemas/B" leads round in a circle; what it stands for is unknown.',
    )
    expect(documents[0]?.elsewhere.map(({ path }) => path)).toEqual(['/p'])
  })

  test('what lies in other files or elsewhere is named, not read, and cannot be judged', () => {
    const { surfaces, warnings } = examine(`${HEAD}paths:
  /here: { get: { responses: { '200': { description: ok } } } }
  /there: { $ref: './paths/there.yaml' }
  /away: { $ref: 'https://example.com/openapi.yaml#/paths/~1away' }
  /nowhere: { $ref: '#/components/pathItems/None' }
`)
    expect(warnings.map(({ line, message }) => [line, message])).toEqual([
      [5, '$ref "./paths/there.yaml" is another file and is not read; what it stands for is unknown.'],
      [
        6,
        '$ref "https://example.com/openapi.yaml#/paths/~1away" lies elsewhere and is not fetched; what it stands for is unknown.',
      ],
      [7, '$ref "#/components/pathItems/None" leads nowhere; what it stands for is unknown.'],
    ])
    const report = buildReport({ surfaces, version: 't', sources: new Map() })
    expect(report.notEvaluable.map(({ missing }) => missing[0])).toEqual([
      './paths/there.yaml',
      'https://example.com/openapi.yaml#/paths/~1away',
      '#/components/pathItems/None',
    ])
  })

  test('a property may be called $ref, and an example may hold one', () => {
    const { documents } = readSpec(
      `${HEAD}paths:
  /a:
    post:
      requestBody:
        content:
          application/json:
            example: { $ref: '#/nowhere' }
            schema: { type: object, properties: { $ref: { type: string } } }
`,
      'f',
    )
    expect(documents[0]?.remarks).toEqual([])
  })
})

describe('hostile input', () => {
  test('names of prototypes are names', () => {
    const surfaces = only(`${HEAD}components:
  securitySchemes: { __proto__: { type: http, scheme: bearer }, constructor: { type: apiKey, in: header, name: k } }
  schemas: { __proto__: { properties: { toString: { $ref: '#/components/schemas/hasOwnProperty' } } } }
security: [ { __proto__: [] } ]
paths:
  /__proto__:
    post: { operationId: constructor, requestBody: { content: { __proto__: { schema: { $ref: '#/components/schemas/__proto__' } } } } }
  /constructor: { __proto__: {}, get: { responses: { __proto__: {}, valueOf: null } } }
`)
    expect(surfaces.map(({ route }) => route)).toEqual(['POST /__proto__', 'GET /constructor'])
    expect(({} as Record<string, unknown>)['type']).toBeUndefined()
  })

  test('deep nesting and aliases that multiply are refused', () => {
    const deep = `{"openapi": "3.0.0", "paths": ${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`
    expect(examine(deep).problems.map(({ message }) => message)).toEqual(['The file is nested too deeply.'])
    const laughs = ['a0: &a0 [x,x,x,x,x,x,x,x,x]']
    for (let n = 1; n < 12; n++) laughs.push(`a${n}: &a${n} [${`*a${n - 1},`.repeat(9).slice(0, -1)}]`)
    expect(examine(`openapi: 3.0.0\n${laughs.join('\n')}\n`).problems.map(({ message }) => message)).toContain(
      'Aliases expand to too many parts.',
    )
  })

  test('schemas that refer to one another many times over stay bounded', () => {
    const names = Array.from({ length: 40 }, (_, n) => `S${n}`)
    const properties = names.map((name) => `p${name}: { $ref: '#/components/schemas/${name}' }`).join(', ')
    const schemas = names
      .map(
        (name) => `    ${name}: { allOf: [ { $ref: '#/components/schemas/S0' }, { properties: { ${properties} } } ] }`,
      )
      .join('\n')
    const text = `${HEAD}components:\n  schemas:\n${schemas}\npaths:\n  /a: { get: { responses: { '200': { content: { application/json: { schema: { $ref: '#/components/schemas/S1' } } } } } } }\n`
    expect(only(text)).toHaveLength(1)
  })
})

const valid = readCorpus(SPEC_CORPUS).flatMap(({ folder, surfaces, findings }) => {
  const file = [...surfaces, ...findings].map((one) => one.file).find((name) => /\.(?:yaml|json)$/.test(name))
  return file === undefined ? [] : [readFileSync(join(folder, file), 'utf8')]
})

/** Every place in a tree of plain data, as the keys that lead there. */
function placesIn(data: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof data !== 'object' || data === null) return [path]
  const inner = Array.isArray(data)
    ? data.flatMap((item, index) => placesIn(item, [...path, index]))
    : Object.entries(data).flatMap(([key, value]) => placesIn(value, [...path, key]))
  return [path, ...inner]
}

function replaced(data: unknown, [key, ...rest]: readonly (string | number)[], by: unknown): unknown {
  if (key === undefined) return by
  if (Array.isArray(data)) return data.map((item, index) => (index === key ? replaced(item, rest, by) : item))
  return Object.fromEntries(
    Object.entries(Object(data)).map(([name, value]) => [
      name,
      name === String(key) ? replaced(value, rest, by) : value,
    ]),
  )
}

test('a description with anything in the place of anything never ends the run, and everything said has its place', () => {
  const oddity = fc.oneof(
    fc.constantFrom<unknown>(
      null,
      true,
      0,
      -1,
      1e300,
      '',
      'x',
      '$ref',
      [],
      [[]],
      [null],
      {},
      { $ref: '#' },
      { $ref: '#/paths' },
      { $ref: '#/' },
      { $ref: '' },
      { $ref: 'other.yaml' },
      { $ref: ['#'] },
      { $ref: '#/%' },
      { __proto__: null, type: [] },
      { allOf: 'x', properties: [], items: [] },
      { security: {} },
      { url: 1, variables: [] },
    ),
    fc.string({ maxLength: 10 }),
    fc.array(fc.constantFrom<unknown>(null, {}, 'a', 1), { maxLength: 3 }),
  )
  fc.assert(
    fc.property(fc.constantFrom(...valid), fc.nat(), oddity, fc.boolean(), (text, where, oddity_, asJson) => {
      const data: unknown = parse(text)
      const places = placesIn(data)
      const changed = replaced(data, places[where % places.length] ?? [], oddity_)
      const written = asJson ? JSON.stringify(changed) : stringify(changed, { aliasDuplicateObjects: false })
      const { surfaces, problems, warnings } = examine(written)
      const report = buildReport({
        surfaces,
        problems,
        warnings,
        version: 't',
        sources: new Map([['openapi.yaml', written]]),
      })
      const said = [...report.problems, ...report.warnings, ...report.surfaces.flatMap(({ findings }) => findings)]
      for (const { file, line, column } of said) {
        expect(file).toBe('openapi.yaml')
        expect(Math.min(line ?? 0, column ?? 0)).toBeGreaterThanOrEqual(1)
        expect(line).toBeLessThanOrEqual(written.split('\n').length + 1)
      }
    }),
    { numRuns: 1500 },
  )
}, 120_000)

describe('files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-spec-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const scan = async (paths: readonly string[], more: object = {}) =>
    (await scanPaths(paths, { as: undefined, now: () => performance.now(), version: 't', ...more })).report

  test('a hundred megabytes are refused by their size, before they are read', async () => {
    const huge = join(folder, 'huge.yaml')
    writeFileSync(huge, 'openapi: 3.0.0\n')
    truncateSync(huge, 100 * 1024 * 1024)
    const report = await scan([huge])
    expect(report.problems.map(({ message }) => message)).toEqual(['The file is larger than 33554432 bytes.'])
  })

  test('folders are searched, vendored ones are not, and a manifest beside a description stays one', async () => {
    const project = join(folder, 'project')
    for (const name of ['specs', 'node_modules/x']) {
      mkdirSync(join(project, name), { recursive: true })
      writeFileSync(join(project, name, 'api.yaml'), `${HEAD}paths: { /${name[0]}: { get: {} } }\n`)
    }
    writeFileSync(join(project, 'gates.yaml'), 'surface: { style: webhook, endpoint: /hook }\n')
    const report = await scan([project])
    expect(report.surfaces.map(({ style, route }) => `${style} ${route}`)).toEqual(['webhook /hook', 'rest GET /s'])
    expect(report.problems).toEqual([])
  })

  test('other files are read when that is asked for, below the target and nowhere else', async () => {
    const inside = join(folder, 'inside')
    mkdirSync(join(inside, 'paths'), { recursive: true })
    writeFileSync(join(folder, 'secret.yaml'), 'get: { operationId: outside }\n')
    symlinkSync(join(folder, 'secret.yaml'), join(inside, 'link.yaml'))
    writeFileSync(join(inside, 'paths/a.yaml'), "get: { operationId: a, security: [ { $ref: '../openapi.yaml' } ] }\n")
    writeFileSync(
      join(inside, 'openapi.yaml'),
      `${HEAD}paths:\n  /a: { $ref: paths/a.yaml }\n  /b: { $ref: ../secret.yaml }\n  /c: { $ref: link.yaml }\n`,
    )
    const target = join(inside, 'openapi.yaml')
    expect((await scan([target])).notEvaluable).toHaveLength(3)
    const report = await scan([target], { followFiles: true })
    expect(report.notEvaluable.map(({ id }) => id)).toEqual(['rest /b', 'rest /c'])
    expect(report.surfaces.find(({ route }) => route === 'GET /a')?.file).toContain('paths/a.yaml')
  })

  test('asked for by kind, a file that is none says so', async () => {
    const file = join(folder, 'readme.txt')
    writeFileSync(file, 'hello\n')
    const report = await scan([file], { as: 'spec' })
    expect(report.problems).toHaveLength(1)
    expect((await scan([join(folder, 'none.yaml')], { as: 'spec' })).problems.map(({ message }) => message)).toEqual([
      'There is no description here.',
    ])
  })
})

test('our own description comes out without a finding', async () => {
  const { surfaces, problems, warnings } = examine(readFileSync('openapi.json', 'utf8'), 'openapi.json')
  expect([problems, warnings]).toEqual([[], []])
  const report = buildReport({ surfaces, version: 't', sources: new Map() })
  expect(report.surfaces.flatMap(({ id, findings }) => findings.map(({ rule }) => `${rule} ${id}`))).toEqual([])
  expect(report.surfaces.filter(({ style }) => style === 'webhook').length).toBeGreaterThan(100)
})
