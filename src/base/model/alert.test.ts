import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ALERT_KINDS, ALERT_RULES, settingsOf } from './alert.ts'

const page = readFileSync(new URL('../../../docs/alerts.md', import.meta.url), 'utf8')

test.each(ALERT_KINDS)('docs/alerts.md says of %s what its settings are by default', (kind) => {
  const row = page.split('\n').find((line) => line.startsWith(`| \`${kind}\` |`))
  const settings = Object.entries(ALERT_RULES[kind].settings).map(
    ([name, { default: value }]) => `\`${name}\` ${value}`,
  )
  expect(row?.split('|').at(-2)?.trim()).toBe(settings.join(', '))
})

test.each(ALERT_KINDS)('the defaults of %s lie within its bounds', (kind) => {
  for (const { default: value, min, max } of Object.values(ALERT_RULES[kind].settings)) {
    expect(value).toBeGreaterThanOrEqual(min)
    expect(value).toBeLessThanOrEqual(max)
  }
})

test('settings are those of the rule: what a row holds beside them is left out', () => {
  expect(settingsOf('queue_age', { seconds: 7, other: 1, __proto__: { seconds: 9 } })).toEqual({ seconds: 7 })
  expect(settingsOf('queue_age', { seconds: 'x' })).toEqual({ seconds: 300 })
})
