/** A request on its way to being signed. */
import { PosternError } from '../base/model/errors.ts'
import type { HeaderList } from '../base/model/event.ts'
import type { HttpMethod, Requirement } from './definition.ts'
import { editJson } from './sign-body.ts'

export interface SignInput {
  /** A scheme, or one case of it; the recommended scheme when absent. */
  readonly scheme?: string
  /** The shared secret, or the PEM (PKCS #8) of the private key for public-key schemes. */
  readonly key: string
  /** HMAC with an empty key instead: what a receiver accepts that goes on without its secret. */
  readonly withoutKey?: boolean
  /** The scheme's further key that `key` is. */
  readonly slot?: string
  readonly body: Buffer
  readonly contentType: string
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly id: string
  readonly type: string
  readonly url: string
  readonly method?: HttpMethod
  readonly settings?: Readonly<Record<string, string>>
}

export interface SignedRequest {
  readonly method: HttpMethod
  readonly url: string
  readonly headers: HeaderList
  readonly body: Buffer
  /** What the proxy in front would say of the connection, for schemes with client certificates. */
  readonly clientCertificate?: string
}

/** Writes into the request what the scheme asks for beside its signature and the caller did not. */
export function settle(start: SignedRequest, require: readonly Requirement[] = [], input: SignInput): SignedRequest {
  let request = start
  for (const each of require) {
    const wanted = each.kind === 'equals-setting' ? input.settings?.[each.setting] : undefined
    if (each.kind === 'empty-body') request = { ...request, body: Buffer.alloc(0) }
    if (each.kind === 'header-equals')
      request = { ...request, headers: [...request.headers, [each.header, each.value]] }
    if (each.kind === 'equals-setting' && wanted !== undefined && each.source.startsWith('body:'))
      request = { ...request, body: editJson(request.body, each.source.slice(5), wanted) }
  }
  return request
}

export function invalid(detail: string, cause?: unknown): PosternError {
  return new PosternError('VALIDATION_ERROR', detail, cause === undefined ? {} : { cause })
}
