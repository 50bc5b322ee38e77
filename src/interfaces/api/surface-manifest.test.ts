/** What the gateway says of itself is what it has, and every claim names a test that exists. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { PROOFS } from './surface-manifest.ts'

test.each(Object.values(PROOFS))('%s', (proof) => {
  const [file = '', name = ''] = proof.split(/: (.*)/s)
  const text = readFileSync(fileURLToPath(new URL(`../../../${file}`, import.meta.url)), 'utf8')
  expect(name.length).toBeGreaterThan(10)
  expect(text).toMatch(new RegExp(`test(?:\\.each[^]*?)?\\(\\s*['\`]${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`))
})
