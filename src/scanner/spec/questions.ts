/** What several rules ask of an operation. */

import type { DemandedScheme, Security, SpecDocument, SpecOperation, SpecParameter } from './model.ts'
import { textOf } from './references.ts'
import { factsOf, fieldsOf, type SchemaField } from './schema.ts'
import {
  carriesTime,
  describesEventId,
  isEventIdField,
  isEventIdHeader,
  isLogin,
  isPublicByNature,
  isSignatureHeader,
  isTimeField,
  isTimestampHeader,
  isTokenHeader,
} from './words.ts'

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY'])

export function isRead({ method }: SpecOperation): boolean {
  return READS.has(method)
}

export function isOpenByNature({ path, operationId }: SpecOperation): boolean {
  return isPublicByNature(path) || isLogin(path, operationId?.text ?? '')
}

export function isLoginOperation({ path, operationId }: SpecOperation): boolean {
  return isLogin(path, operationId?.text ?? '')
}

/** Whether the document says of any operation that it needs a credential; otherwise its silence means nothing. */
export function speaksOfSecurity(document: SpecDocument): boolean {
  return remember(speaking, document, () => document.operations.some(({ security }) => security.is === 'demanded'))
}
const speaking = new WeakMap<SpecDocument, boolean>()

function remember<K extends object, V>(known: WeakMap<K, V>, key: K, make: () => V): V {
  const had = known.get(key)
  if (had !== undefined) return had
  const made = make()
  known.set(key, made)
  return made
}

export function headersOf({ parameters }: SpecOperation): readonly SpecParameter[] {
  return parameters.filter((parameter) => parameter.in === 'header')
}

export function signatureHeader(operation: SpecOperation): SpecParameter | undefined {
  return headersOf(operation).find(({ name }) => isSignatureHeader(name))
}

/** What shows who sends an event: a required signature, a shared token, a scheme that the operation demands. */
export function senderProof(operation: SpecOperation): string | undefined {
  const signature = signatureHeader(operation)
  if (signature !== undefined) return `the header ${signature.name}`
  const token = headersOf(operation).find(({ name }) => isTokenHeader(name))
  if (token !== undefined) return `the header ${token.name}`
  const { security } = operation
  // What the document demands of callers of its paths is not what its events carry.
  const counts = operation.place === 'path' || operation.place === 'channel' || security.own
  const [scheme] = counts && security.is === 'demanded' ? demandedSchemes(security) : []
  return scheme === undefined ? undefined : `the scheme ${scheme.name}`
}

export function demandedSchemes({ alternatives }: Security): readonly DemandedScheme[] {
  return alternatives.flat()
}

export function demandsType({ security }: SpecOperation, ...types: readonly string[]): boolean {
  return (
    security.is === 'demanded' &&
    security.alternatives.every((one) => one.some(({ scheme }) => scheme !== undefined && types.includes(scheme.type)))
  )
}

function demandsJwt({ security }: SpecOperation): boolean {
  const schemes = demandedSchemes(security)
  return (
    security.is === 'demanded' &&
    schemes.length > 0 &&
    schemes.every(({ scheme }) => /jwt/i.test(scheme?.bearerFormat ?? ''))
  )
}

/** Whether a request brings an event, rather than making sure of the address before any does. */
export function bringsEvent(operation: SpecOperation): boolean {
  return !(operation.place === 'webhook' && isRead(operation))
}

/** Header, field or scheme that bounds the age of an event. */
export function eventTime(operation: SpecOperation, document: SpecDocument): string | undefined {
  const headers = headersOf(operation)
  const header = headers.find(({ name }) => isTimestampHeader(name))
  if (header !== undefined) return `the header ${header.name}`
  const carrying = headers.find(
    ({ name, description, schema }) =>
      (isSignatureHeader(name) || isTokenHeader(name)) &&
      carriesTime(name, description, describedIn(document, schema), operation.words),
  )
  if (carrying !== undefined) return `the header ${carrying.name}`
  // A token that expires, or a session of TLS, cannot be kept for later.
  if (demandsType(operation, 'mutualTLS', 'oauth2', 'openIdConnect') || demandsJwt(operation))
    return 'the scheme it demands'
  return bodyField(operation, document, ({ path }) => isTimeField(path))
}

export function eventId(operation: SpecOperation, document: SpecDocument): string | undefined {
  const header = headersOf(operation).find(({ name }) => isEventIdHeader(name))
  if (header !== undefined) return `the header ${header.name}`
  return bodyField(
    operation,
    document,
    ({ path, schema }) => isEventIdField(path) || describesEventId(factsOf(document.references, schema).description),
  )
}

function bodyField(
  { body }: SpecOperation,
  { references }: SpecDocument,
  fits: (field: SchemaField) => boolean,
): string | undefined {
  const field = body?.schemas.flatMap((schema) => fieldsOf(references, schema, 2)).find(fits)
  return field === undefined ? undefined : `the field ${field.path}`
}

/** Whether the body is described at all: fields that nobody describes may be there. */
export function isBodyDescribed({ body }: SpecOperation, { references }: SpecDocument): boolean {
  return body?.known === true && body.schemas.some((schema) => fieldsOf(references, schema, 1).length > 0)
}

function describedIn({ references }: SpecDocument, schema: SpecParameter['schema']): string {
  const fields = references.fields(schema)
  return ['description', 'example', 'pattern'].flatMap((key) => textOf(fields.get(key)?.value) ?? []).join(' ')
}

/** Answers that cover a status: itself, its class, or the one for everything else. */
export function documents({ answers }: SpecOperation, status: string): boolean {
  return answers.some((one) => one.status === status || one.status === `${status[0]}XX` || one.status === 'default')
}
