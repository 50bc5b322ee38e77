import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { scanPaths } from '../scan-paths.ts'
import { pipelineChecks } from './pipeline-check.ts'

let folder = ''
let made = 0

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-pipeline-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function repository(files: Readonly<Record<string, string>>): string {
  const root = join(folder, String(++made))
  for (const [name, text] of Object.entries({ 'README.md': '', ...files })) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  return root
}

function told(files: Readonly<Record<string, string>>) {
  const root = repository(files)
  const evidence = pipelineChecks([root]).get(`${root}/`)
  if (evidence === undefined) return undefined
  const { state, location } = evidence
  return `${state} ${location?.file.slice(root.length + 1)}:${location?.line}`
}

const workflow = (step: string, more = '') =>
  `on: push\njobs:\n  api:\n    runs-on: ubuntu-latest\n${more}    steps:\n      - uses: actions/checkout@v4\n      - run: ${step}\n`

describe('a pipeline that compares description and service', () => {
  test.each([
    ['schemathesis run http://localhost:8000/openapi.json'],
    ['oasdiff breaking base.yaml openapi.yaml --fail-on ERR'],
    ['npm run gen && git diff --exit-code docs/openapi.json'],
    ['./manage.py export ./openapi.yaml --check'],
    ['npx postern scan ./service ./openapi.yaml'],
  ])('shows it at its line: %s', (step) => {
    expect(told({ '.github/workflows/ci.yml': workflow(step) })).toBe('present .github/workflows/ci.yml:7')
  })

  test('is found in other services, too', () => {
    expect(told({ '.gitlab-ci.yml': 'contract:\n  script:\n    - dredd openapi.yaml http://localhost\n' })).toBe(
      'present .gitlab-ci.yml:3',
    )
  })

  test('and goes on whatever comes out is a fault', () => {
    const forgiving = workflow('dredd openapi.yaml http://localhost', '    continue-on-error: true\n')
    expect(told({ '.github/workflows/ci.yml': forgiving })).toMatch(/^unsafe/)
    expect(told({ '.github/workflows/ci.yml': workflow('dredd openapi.yaml http://localhost || true') })).toMatch(
      /^unsafe/,
    )
    const allowed = 'contract:\n  allow_failure: true\n  script:\n    - dredd openapi.yaml http://localhost\n'
    expect(told({ '.gitlab-ci.yml': allowed })).toMatch(/^unsafe/)
  })

  test('once, and elsewhere forgiven, compares', () => {
    const files = {
      '.github/workflows/a.yml': workflow('dredd openapi.yaml http://localhost || true'),
      '.github/workflows/b.yml': workflow('dredd openapi.yaml http://localhost'),
    }
    expect(told(files)).toBe('present .github/workflows/b.yml:7')
  })
})

test('a pipeline without such a step is not accused, and no pipeline says nothing', () => {
  const quiet = [workflow('npm test'), workflow('npx spectral lint openapi.yaml'), workflow('"# dredd openapi.yaml"')]
  for (const text of quiet) expect(told({ '.github/workflows/ci.yml': text })).toMatch(/^unknown/)
  expect(told({})).toBeUndefined()
})

test('what cannot be read as a pipeline is none, and costs the scan nothing', () => {
  const hostile = [
    '',
    '\0\0',
    '{{{',
    'a: &a [*a, *a]',
    `a: "${'x'.repeat(100_000)}"`,
    '- '.repeat(5_000),
    '['.repeat(100_000),
  ]
  for (const text of hostile) expect(told({ '.github/workflows/ci.yml': text })).toMatch(/^unknown/)
})

test('the comparison of a pipeline stands beside the description of its repository', async () => {
  const files = {
    'openapi.yaml':
      "openapi: 3.1.0\ninfo: { title: Shop, version: 1.0.0 }\npaths:\n  /health:\n    get: { responses: { '200': { description: up } } }\n",
    '.github/workflows/ci.yml': workflow('dredd openapi.yaml http://localhost || true'),
  }
  const root = repository(files)
  const { report } = await scanPaths([root], { as: undefined, now: Date.now, version: 'test' })
  const contract = report.surfaces.find(({ id }) => id.startsWith('contract '))
  expect(contract?.findings).toMatchObject([
    { control: 'contract-ci', gates: ['API-CONTRACT-09'], severity: 'low', file: `${root}/.github/workflows/ci.yml` },
  ])
})
