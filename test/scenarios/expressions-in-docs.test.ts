/** The examples of docs/filters.md and docs/transforms.md do what is printed beside them. */
import { readFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { eventDocument } from '../../src/flow/processing/event-document.ts'
import { createFilters } from '../../src/flow/processing/filter.ts'
import { openTransforms } from '../../src/flow/processing/transform.ts'

const transforms = openTransforms()
afterAll(() => transforms.close())

interface Block {
  readonly language: string
  readonly text: string
}

function blocksOf(page: string): readonly Block[] {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8')
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', block = '']) => ({
    language,
    text: block,
  }))
}

const documentWith = (body: unknown) =>
  eventDocument({
    method: 'POST',
    target: '/api/v1/webhooks/shop',
    headers: [['X-Shop-Topic', 'orders/create']],
    body,
    attributes: {
      id: '1',
      source: '/providers/shop',
      type: 'order.created',
      time: new Date('2026-05-04T10:00:00Z'),
      provider: 'shop',
    },
  })

const filterBlocks = blocksOf('filters.md')
const filterLines = (filterBlocks.find(({ language }) => language === 'cel')?.text ?? '')
  .trim()
  .split('\n')
  .map((line) => line.split(/\s+\/\/ /) as [string, string])

test.each(filterLines)('%s is %s', (text, expected) => {
  const document = documentWith(JSON.parse(filterBlocks.find(({ language }) => language === 'json')?.text ?? ''))
  const compilation = createFilters().compile(text)
  if (!compilation.ok) throw new Error(compilation.error.message)
  const result = compilation.filter.run(document)
  if (expected.startsWith('parked')) expect(result).toMatchObject({ ok: false, reason: 'filter_failed' })
  else expect(result).toEqual({ ok: true, matches: expected === 'true' })
})

const [sample, ...pairs] = blocksOf('transforms.md').filter(({ language }) => language.startsWith('json'))
const transformExamples = pairs.flatMap(({ language, text }, index) =>
  language === 'jsonata' ? [[text, pairs[index + 1]?.text ?? ''] as const] : [],
)

test('the pages have examples', () => {
  expect(filterLines.length).toBeGreaterThan(10)
  expect(transformExamples.length).toBe(3)
})

test.each(transformExamples)('%s', async (text, expected) => {
  const result = await transforms.run(text, documentWith(JSON.parse(sample?.text ?? '')), 'docs')
  expect(result.ok ? JSON.parse(result.body) : result).toEqual(JSON.parse(expected))
})
