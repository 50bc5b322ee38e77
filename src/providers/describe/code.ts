/** Text as a code span of Markdown, on one line. */
export function code(text: string): string {
  const line = text.replaceAll('\n', '\\n').replaceAll('\r', '\\r')
  // CommonMark 6.1: a span opens and closes with more backticks than stand inside it.
  return line.includes('`') ? `\`\` ${line} \`\`` : `\`${line}\``
}

/** `SHA-256`, as people write what is `sha256` in data. */
export function hashName(algorithm: string): string {
  return algorithm.toUpperCase().replace(/^SHA(?=\d)/, 'SHA-')
}
