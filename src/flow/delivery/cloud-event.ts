/**
 * An event as CloudEvents 1.0 has it in JSON, structured mode: its attributes, and its payload within.
 *
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
 */
import type { CloudEventAttributes } from '../../base/model/event.ts'

export const CLOUD_EVENT_TYPE = 'application/cloudevents+json; charset=utf-8'

/** A payload that is JSON stands in it as it was written, digit for digit; any other in Base64. */
export function cloudEvent(attributes: CloudEventAttributes, contentType: string | null, body: Buffer): Buffer {
  const { time, datacontenttype: _, ...texts } = attributes
  const head = {
    specversion: '1.0',
    ...Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, printable(value)])),
    time: time.toISOString(),
    ...(contentType === null ? {} : { datacontenttype: printable(contentType) }),
  }
  const json = jsonText(contentType, body)
  const data = json === undefined ? `"data_base64":"${body.toString('base64')}"` : `"data":${json}`
  return Buffer.from(`${JSON.stringify(head).slice(0, -1)},${data}}`)
}

/** Section 3.1.1 of the format: what is declared to be JSON. */
function jsonText(contentType: string | null, body: Buffer): string | undefined {
  if (contentType !== null && !/^[^;]*[/+]json\s*(?:;|$)/i.test(contentType)) return undefined
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
    JSON.parse(text)
    return text
  } catch {
    return undefined
  }
}

/** Its strings hold no control characters. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ')
}
