/**
 * `postern/verify`: what the gateway does at its door, for your own app.
 *
 * Verifies a webhook over its raw bytes, checks its age, recognises copies, answers set-up exchanges. Nothing is imported
 * but `node:` modules and files of this package, and of the providers only those that you import.
 *
 * Fails closed: a verifier without a usable key is not created; what cannot be judged is refused.
 */
export { PosternError } from '../base/model/errors.ts'
export type { Coverage, HeaderList } from '../base/model/event.ts'
export { type CompileOptions, compileScheme, type Verifier as CompiledScheme } from '../providers/compile.ts'
export type { ProviderDefinition } from '../providers/definition.ts'
export type { Refusal, Refused, Verified } from '../providers/outcome.ts'
export type { InboundRequest } from '../providers/request.ts'
export { verifyRequest } from '../providers/verify.ts'
export { type MemoryReplayOptions, memoryReplayStore } from './memory-replay-store.ts'
export type { KeyInput, VerifierOptions } from './options.ts'
export { type PostgresReplayOptions, postgresReplayStore } from './postgres-replay-store.ts'
export type { ReceiveOptions, WebhookAnswer, WebhookHandler } from './receive.ts'
export { type RedisClient, type RedisReplayOptions, redisReplayStore } from './redis-replay-store.ts'
export type { FetchRemote, RemoteRequest, RemoteResponse } from './remote-answers.ts'
export type { Claim, ReplayStore } from './replay-store.ts'
export type { RequestHeaders, WebhookRequest } from './request.ts'
export type {
  DuplicateWebhook,
  Greeting,
  RefusedWebhook,
  SettlableWebhook,
  Verification,
  Webhook,
  WebhookEvent,
  WebhookRefusal,
} from './verification.ts'
export { createVerifier, type WebhookVerifier } from './verifier.ts'
