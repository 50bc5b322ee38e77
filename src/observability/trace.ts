/**
 * Spans, through OpenTelemetry's API alone: without an SDK they cost next to nothing and go nowhere; an operator adds
 * one with `node --import`, as docs/observability.md shows.
 */
import { type Attributes, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { VERSION } from '../base/model/version.ts'

/** Asked for anew each time: an SDK may be registered after this module was loaded. */
const tracer = () => trace.getTracer('postern', VERSION)

/** A request that somebody else sent. Its own trace: what a stranger's header says of traces is not believed. */
export function startReceiving(): Span {
  return tracer().startSpan('receive webhook', { kind: SpanKind.SERVER, root: true })
}

export function startDelivering(attributes: Attributes): Span {
  return tracer().startSpan('deliver event', { kind: SpanKind.CLIENT, root: true, attributes })
}

/** @param failed Whether it is a failure of ours or of the far side, and no ordinary refusal. */
export function endSpan(span: Span, attributes: Attributes, failed: boolean): void {
  // Nobody records: nothing has to be put together.
  if (span.isRecording()) {
    span.setAttributes(attributes)
    if (failed) span.setStatus({ code: SpanStatusCode.ERROR })
  }
  span.end()
}
