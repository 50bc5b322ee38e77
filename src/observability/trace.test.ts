import { type Span, type SpanOptions, SpanStatusCode, trace } from '@opentelemetry/api'
import { afterEach, expect, test } from 'vitest'
import { endSpan, startDelivering, startReceiving } from './trace.ts'

afterEach(() => trace.disable())

interface Recorded {
  readonly name: string
  readonly options: SpanOptions
  readonly attributes: Record<string, unknown>
  status?: unknown
  ended: number
}

/** What an SDK does, as far as it is used here. */
function recordSpans(): Recorded[] {
  const spans: Recorded[] = []
  trace.setGlobalTracerProvider({
    getTracer: () =>
      ({
        startSpan(name: string, options: SpanOptions) {
          const recorded: Recorded = { name, options, attributes: {}, ended: 0 }
          spans.push(recorded)
          return {
            isRecording: () => true,
            setAttributes: (attributes: Record<string, unknown>) => Object.assign(recorded.attributes, attributes),
            setStatus: (status: unknown) => {
              recorded.status = status
            },
            end: () => {
              recorded.ended++
            },
          } as unknown as Span
        },
      }) as never,
  })
  return spans
}

test('without an SDK a span records nothing and ends', () => {
  const span = startReceiving()
  expect(span.isRecording()).toBe(false)
  endSpan(span, { outcome: 'accepted' }, false)
})

test('an SDK that is registered later hears of every span, with outcome and failure', () => {
  const spans = recordSpans()
  endSpan(startReceiving(), { 'postern.outcome': 'accepted' }, false)
  endSpan(startDelivering({ 'postern.event_id': 'evt_1' }), { 'postern.outcome': 'timeout' }, true)
  expect(spans).toMatchObject([
    { name: 'receive webhook', options: { root: true }, attributes: { 'postern.outcome': 'accepted' }, ended: 1 },
    { name: 'deliver event', attributes: { 'postern.outcome': 'timeout' }, ended: 1 },
  ])
  expect(spans[0]?.status).toBeUndefined()
  expect(spans[1]?.status).toEqual({ code: SpanStatusCode.ERROR })
})
