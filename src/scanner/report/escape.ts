/**
 * Text of scanned material on its way into a document of ours. Every writer goes through one of these: a report
 * must not run scripts, move a terminal's cursor or forge a build annotation because a file said so.
 */

// Controls except tab and newline, and the marks that reorder text so that it reads as something else.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is removed
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/g

export function plainText(text: string): string {
  // Through UTF-8 and back: a lone surrogate would make the whole report unreadable as UTF-8.
  return Buffer.from(text.replace(UNPRINTABLE, '\ufffd'), 'utf8').toString('utf8')
}

export function oneLine(text: string): string {
  return plainText(text).replace(/\s+/g, ' ').trim()
}

export function escapeHtml(text: string): string {
  return plainText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

/** XML 1.0 has no way to write most control characters at all, so they are gone already. */
export function escapeXml(text: string): string {
  return escapeHtml(text).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')
}

/** For a cell or a line of Markdown: no table, link, image, HTML or heading may come out of it. */
export function escapeMarkdown(text: string): string {
  return oneLine(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\`*_[\]|~!]/g, '\\$&')
}

/** `::error …::message` of GitHub Actions. */
export function escapeAnnotation(text: string): string {
  return plainText(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

export function escapeAnnotationProperty(text: string): string {
  return escapeAnnotation(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
