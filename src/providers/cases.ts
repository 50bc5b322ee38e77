/**
 * Which way of signing a request used, and what must hold beside its signature. Decided from the request's shape, as
 * the sender decides it; each case covers what it needs, so that posing as another case gains nothing.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { compileBodyPath, readBodyPath, scalarText } from './body-path.ts'
import { byteString } from './bytes.ts'
import { decode } from './decode.ts'
import type { Requirement, SignedCase, Source, UrlVariant } from './definition.ts'
import { fieldText, soleField } from './form.ts'
import type { Reading } from './reading.ts'
import { countHeader, headerValue, mediaType, queryValues, soleHeader } from './request.ts'
import { compileSource, readSource } from './source.ts'

export function applies({ when }: SignedCase, reading: Reading): boolean {
  if (when === undefined) return true
  const { request } = reading
  if (when.method !== undefined && when.method !== request.method.toUpperCase()) return false
  if (when.query !== undefined && queryValues(request.url, when.query).length === 0) return false
  if (when.contentType !== undefined && when.contentType !== mediaType(request.headers)) return false
  return Object.entries(when.body ?? {}).every(([path, texts]) => {
    const text = scalarText(readBodyPath(reading.json, compileBodyPath(path)))
    return texts.some((each) => each === text)
  })
}

export interface RequirementInput {
  readonly reading: Reading
  readonly settings: Readonly<Record<string, string>>
  /** What the pasted key names, where it is no secret. */
  readonly pin: string | undefined
}

export function holds(requirement: Requirement, { reading, settings, pin }: RequirementInput): boolean {
  const { request } = reading
  switch (requirement.kind) {
    case 'empty-body':
      return request.body.length === 0
    case 'header-equals': {
      const name = requirement.header.toLowerCase()
      return countHeader(request.headers, name) === 1 && headerValue(request.headers, name) === requirement.value
    }
    case 'header-lists': {
      const value = soleHeader(request.headers, requirement.header.toLowerCase())
      const listed = value ? value.split(',').map((each) => each.trim().toLowerCase()) : []
      return requirement.names.every((name) => listed.includes(name))
    }
    case 'form-matches': {
      const value = soleField(reading.form, byteString(requirement.form))
      return value !== undefined && new RegExp(`^(?:${requirement.pattern})$`).test(fieldText(value))
    }
    case 'query-body-hash': {
      const [text, ...more] = queryValues(request.url, requirement.query)
      const stated = text === undefined || more.length > 0 ? undefined : decode(text, requirement.encoding)
      const actual = createHash(requirement.algorithm).update(request.body).digest()
      return stated !== undefined && stated.length === actual.length && timingSafeEqual(stated, actual)
    }
    case 'equals-setting': {
      const wanted = Object.hasOwn(settings, requirement.setting) ? settings[requirement.setting] : undefined
      return says(reading, requirement.source, wanted)
    }
    case 'equals-key':
      return says(reading, requirement.source, pin)
  }
}

/** What is not there says nothing, also where nothing is wanted; an empty value is read as none. */
function says(reading: Reading, source: Source, wanted: string | undefined): boolean {
  const stated = readSource(compileSource(source), reading)
  return stated !== undefined && stated === wanted
}

/** Textual, because `new URL()` re-encodes characters that the sender signed as they were. */
export function spellUrl(url: string, variant: UrlVariant): string {
  const parts = /^(https?):\/\/((?:[^/?#@]*@)?(?:\[[^\]]*\]|[^/?#:@]*))(:\d+)?(.*)/is.exec(url)
  if (variant === 'as-is' || parts === null) return url
  const [, protocol = '', host = '', port, rest = ''] = parts
  if (variant === 'port-removed') return `${protocol}://${host}${rest}`
  return port === undefined ? `${protocol}://${host}${protocol.toLowerCase() === 'https' ? ':443' : ':80'}${rest}` : url
}
