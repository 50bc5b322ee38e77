/** docs/errors.md, from the table of errors. */
import { STATUS_OF_KIND } from '../src/base/lib/problem.ts'
import { ERROR_CODES } from '../src/base/model/errors.ts'

export function errorsPage(): string {
  const sections = Object.entries(ERROR_CODES).map(
    ([code, { kind, title, next }]) => `## ${code}\n\n**${title}.** Status ${STATUS_OF_KIND[kind]}.\n\n${next}\n`,
  )
  return `<!-- Generated from src/base/model/errors.ts by \`npm run gen\`. -->

# Errors

Every error of the HTTP interfaces is a problem document (RFC 9457, \`application/problem+json\`):
\`type\`, \`title\`, \`status\`, \`code\`, \`detail\`, \`correlationId\` and \`errors\`, a list of \`{path, message}\`.
\`code\` is one of those below and never changes its meaning. 503 means that the fault is on our side and a retry is
right; a 4xx is never used for that.

${sections.join('\n')}`
}
