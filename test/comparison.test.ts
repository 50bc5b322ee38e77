/** docs/comparison.md claims no more than tests prove: every link is the name of a test, in the file it leads to. */
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const page = new URL('../docs/comparison.md', import.meta.url)
const rows = readFileSync(page, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| What a receiver needs'))
  .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
  .map(([, need = '', cell = '', proof = '']) => ({
    ...{ need, cell },
    links: [...proof.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map(([, name = '', path = '']) => ({ name, path })),
  }))

test('there is a row for everything, once', () => {
  expect(rows.length).toBeGreaterThanOrEqual(74)
  expect(new Set(rows.map(({ need }) => need)).size).toBe(rows.length)
})

test.each(rows)('$need: $cell', ({ need, cell, links }) => {
  // A licence is read, not tested.
  if (!/^\*\*No\*\*/.test(cell) && need !== 'Licence') expect(links).not.toEqual([])
  for (const { name, path } of links) {
    const file = new URL(path, page)
    expect(existsSync(file), path).toBe(true)
    expect(path).toMatch(/\.test\.ts$/)
    const source = readFileSync(file, 'utf8')
    const named = ["'", '"', '`'].some((quote) => source.includes(`${quote}${name}${quote}`))
    // The name may begin with what the run decides, such as how often something is done.
    expect(named || source.includes(`} ${name} `), `${path} has no test named ${name}`).toBe(true)
  }
})
