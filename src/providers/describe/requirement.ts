/** What must hold beside a signature, for a reader. */
import type { Requirement, SignedCase } from '../definition.ts'
import { code, hashName } from './code.ts'
import { describeSource } from './source.ts'

export function describeRequirement(requirement: Requirement, keyName: string): string {
  switch (requirement.kind) {
    case 'header-equals':
      return `header \`${requirement.header}\` is \`${requirement.value}\``
    case 'query-body-hash':
      return `query parameter \`${requirement.query}\` is the ${hashName(requirement.algorithm)} of the body, in ${requirement.encoding}`
    case 'empty-body':
      return 'the body is empty'
    case 'form-matches':
      return `form field \`${requirement.form}\` matches ${code(requirement.pattern)}`
    case 'header-lists':
      return `header \`${requirement.header}\` lists ${requirement.names.map((name) => `\`${name}\``).join(', ')}`
    case 'equals-setting':
      return `${describeSource(requirement.source)} is the setting \`${requirement.setting}\``
    case 'equals-key':
      return `${describeSource(requirement.source)} is the ${keyName} of the integration`
  }
}

/** When a case of a scheme is the one that counts. */
export function describeWhen(when: SignedCase['when']): string {
  if (when === undefined) return 'otherwise'
  const parts = [
    ...(when.method === undefined ? [] : [`the method is ${when.method}`]),
    ...(when.query === undefined ? [] : [`the query has \`${when.query}\``]),
    ...(when.contentType === undefined ? [] : [`the content type is \`${when.contentType}\``]),
    ...Object.entries(when.body ?? {}).map(
      ([path, texts]) => `JSON \`${path}\` is ${texts.map((each) => `\`${each}\``).join(' or ')}`,
    ),
  ]
  return `when ${parts.join(' and ')}`
}
