/**
 * What importers get: the engine that verifies webhooks, and the gateway itself.
 */
export { ERROR_CODES, type ErrorCode, type FieldError, PosternError } from './base/model/errors.ts'
export type { HeaderList } from './base/model/event.ts'
export type { InboundKey } from './base/model/integration.ts'
export { VERSION } from './base/model/version.ts'
export { type Config, readConfig } from './config/config.ts'
export { compileScheme, type Verifier } from './providers/compile.ts'
export { findScheme, type ProviderDefinition, type Scheme } from './providers/definition.ts'
export type { Refused, Verified } from './providers/outcome.ts'
export { findProvider, providers } from './providers/registry.ts'
export type { InboundRequest } from './providers/request.ts'
export { signAs } from './providers/sign.ts'
export type { SignedRequest } from './providers/sign-request.ts'
export { verifyRequest } from './providers/verify.ts'
