import { expect, test } from 'vitest'
import { createMetrics } from './metrics.ts'

test('what is counted is told in the format of Prometheus', async () => {
  const metrics = createMetrics()
  metrics.received('stripe', 'accepted', 0.002)
  metrics.received('stripe', 'accepted', 0.004)
  metrics.received('none', 'not_found', 0.0001)
  metrics.unverified('github', 'bad_signature')
  metrics.committed(3, 0.001)
  metrics.attempted('delivered', 0.02)
  metrics.backlog('deliver', { waiting: 7, oldestSeconds: 12.5 })
  const text = await metrics.text()
  for (const line of [
    'postern_webhooks_total{provider="stripe",outcome="accepted"} 2',
    'postern_webhooks_total{provider="none",outcome="not_found"} 1',
    'postern_webhook_seconds_bucket{le="0.0025"} 2',
    'postern_webhook_seconds_count 3',
    'postern_signature_failures_total{provider="github",reason="bad_signature"} 1',
    'postern_commit_rows_bucket{le="4"} 1',
    'postern_delivery_attempts_total{outcome="delivered"} 1',
    'postern_delivery_attempt_seconds_bucket{le="0.025"} 1',
    'postern_jobs_waiting{kind="deliver"} 7',
    'postern_oldest_job_seconds{kind="deliver"} 12.5',
  ])
    expect(text.split('\n')).toContain(line)
  expect(text).toContain('postern_process_cpu_user_seconds_total')
})

test('processes count for themselves', async () => {
  createMetrics().received('stripe', 'accepted', 0.1)
  expect(await createMetrics().text()).not.toContain('provider="stripe"')
})
