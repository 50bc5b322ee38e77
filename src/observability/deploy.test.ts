/** What deploy/ asks of Prometheus is what the gateway counts. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { createMetrics } from './metrics.ts'

const root = new URL('../../deploy/', import.meta.url)
const dashboard = JSON.parse(readFileSync(new URL('grafana/postern.json', root), 'utf8')) as {
  readonly panels: readonly { readonly targets: readonly { readonly expr: string }[] }[]
}
const alerts = parse(readFileSync(new URL('prometheus/alerts.yaml', root), 'utf8')) as {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string }[] }[]
}
const queries = [
  ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  ...alerts.groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)),
]

test.each(queries)('%s names what is counted', async (query) => {
  const told = await createMetrics().text()
  const counted = new Set([...told.matchAll(/^# TYPE (\w+) /gm)].map((match) => match[1] ?? ''))
  const names = [...query.matchAll(/\bpostern_\w+/g)].map((match) => match[0])
  expect(names.length).toBeGreaterThan(0)
  for (const name of names)
    expect(
      [name, name.replace(/_(?:bucket|sum|count)$/, '')].some((one) => counted.has(one)),
      name,
    ).toBe(true)
})
