/**
 * Reads HTTP/1.1 answers with a Content-Length off a socket, one at a time: as much of HTTP as the load generator
 * needs and no more. Anything else is an error, so that a surprise is never counted as an answer.
 */
export function answerReader(onAnswer: (status: number, body: string) => void): (chunk: Buffer) => void {
  let rest: Buffer | undefined
  return (chunk) => {
    const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk])
    rest = undefined
    const headEnd = bytes.indexOf('\r\n\r\n')
    if (headEnd === -1) {
      if (bytes.length > 65_536) throw new Error('an answer with more than 64 KiB of headers')
      rest = bytes
      return
    }
    const head = bytes.toString('latin1', 0, headEnd)
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
    if (!head.startsWith('HTTP/1.1 ') || length === undefined) {
      throw new Error(`an answer this reader cannot read: ${head.slice(0, 200)}`)
    }
    const end = headEnd + 4 + Number(length)
    if (bytes.length < end) {
      rest = bytes
      return
    }
    if (bytes.length > end) throw new Error('bytes after the end of an answer, with one request in flight')
    onAnswer(Number(head.slice(9, 12)), bytes.toString('latin1', headEnd + 4, end))
  }
}

/** The id that an acknowledgement gives to its event. */
export function eventIdOf(body: string): string {
  const answer: unknown = JSON.parse(body)
  if (typeof answer === 'object' && answer !== null && 'eventId' in answer && typeof answer.eventId === 'string')
    return answer.eventId
  throw new Error(`an acknowledgement without an eventId: ${body.slice(0, 200)}`)
}
