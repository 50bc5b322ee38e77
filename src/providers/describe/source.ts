/** Where a value is found, for a reader: `body:$.id | header:X-Id` becomes “JSON `$.id`, else header `X-Id`”. */
import type { Source } from '../definition.ts'

export function describeSource(source: Source): string {
  return source
    .split(' | ')
    .map((path) => path.split(' + ').map(describePart).join(' and '))
    .join(', else ')
}

function describePart(part: string): string {
  const [kind = '', name = ''] = part.split(/:(.*)/s)
  switch (kind) {
    case 'body':
      return `JSON \`${name}\``
    case 'header':
      return `header \`${name}\``
    case 'form':
      return `form field \`${name}\``
    case 'query':
      return `query parameter \`${name}\``
    case 'claim':
      return `claim \`${name}\` of the token`
    case 'element':
      return `XML element \`${name}\``
    case 'member':
      return `the name \`${name.slice(name.lastIndexOf('.') + 1)}\`, when JSON \`${name}\` is there`
    case 'signed':
      return 'the message id that is signed'
    default:
      return `always \`${name}\``
  }
}
