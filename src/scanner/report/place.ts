import type { Message } from './report-types.ts'

/** What is said of something live has an address and no line. */
export function placeOf({ file, line, column }: Pick<Message, 'file' | 'line' | 'column'>): string {
  return /^\w+:\/\//.test(file) ? file : `${file}:${line}:${column}`
}
