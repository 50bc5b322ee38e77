/** What a description states: facts about a surface, and controls that it claims. */
import type { ControlId } from '../../catalogue/catalogue.ts'
import type { Evidence, Location } from '../../catalogue/evidence.ts'
import type { Traits } from '../../catalogue/surfaces.ts'
import { jobsIn } from './jobs.ts'
import type { SpecSurface } from './model.ts'
import {
  demandedSchemes,
  demandsType,
  eventId,
  eventTime,
  isOpenByNature,
  isRead,
  senderProof,
  signatureHeader,
} from './questions.ts'
import { isCleartext, isLocal } from './servers.ts'

export function traitsOf({ operation, style, document }: SpecSurface): Traits {
  const { security, publicReason, place, takes = [] } = operation
  const schemes = demandedSchemes(security)
  const reads = place === 'channel' ? takes.length === 0 : isRead(operation)
  const isOpen = place === 'path' && style !== 'webhook' && security.is === 'none' && security.own
  const job = jobsIn(document).get(operation)
  return {
    ...(schemes.some(({ scheme }) => scheme?.in === 'cookie') ? { cookieAuth: true } : {}),
    ...(demandsType(operation, 'mutualTLS', 'X509') ? { mutualTls: true } : {}),
    ...(style === 'webhook' ? { eventDriven: true } : { readOnly: reads }),
    ...(style === 'webhook' && signatureHeader(operation) !== undefined ? { signedProvider: true } : {}),
    ...(isOpen || publicReason !== undefined ? { publicDeclared: true } : {}),
    ...(reads && (publicReason !== undefined || (isOpen && isOpenByNature(operation)))
      ? { publicWithReason: true }
      : {}),
    ...(style === 'async-job'
      ? {
          hasCancel: job?.steps.some(({ is }) => is === 'cancel') === true,
          hasCallback: operation.callbacks.length > 0,
        }
      : {}),
  }
}

/** A claim is evidence of the weaker kind: code or a probe that shows the opposite outweighs it, and the two disagree. */
export function claimsOf(surface: SpecSurface): readonly Evidence[] {
  const { operation, style, document } = surface
  const { security } = operation
  const claims: Evidence[] = []
  const say = (control: ControlId, state: 'present' | 'unknown', detail: string, location?: Location): void => {
    claims.push({ control, state, place: 'application', source: 'spec', detail, location: location ?? operation.at })
  }
  const names = [...new Set(demandedSchemes(security).map(({ name }) => name))].join(' or ')
  if (
    security.is === 'demanded' &&
    (style === 'rest' || style === 'llm-tool' || style === 'graphql' || style === 'grpc')
  )
    say('request-authentication', 'present', `The description demands ${names}.`, security.at)
  if (security.is === 'demanded' && (style === 'websocket' || style === 'sse' || style === 'graphql-subscription'))
    say('handshake-authentication', 'present', `The description demands ${names}.`, security.at)
  if (traitsOf(surface).publicWithReason === true)
    say(
      'public-access-intent',
      'present',
      operation.publicReason ?? 'It reads only, and is public by nature.',
      security.at,
    )
  if (style === 'webhook') eventClaims(surface, say)
  const reached = operation.servers.filter((server) => !isLocal(server) && server.host !== '')
  if (reached.length > 0 && reached.every((server) => server.protocol !== '' && !isCleartext(server)))
    say('transport-encryption', 'present', `${reached[0]?.url ?? ''} is encrypted.`, reached[0]?.at)
  for (const { is, operation: step } of jobsIn(document).get(operation)?.steps ?? [])
    if (step.security.is === 'demanded')
      say(
        STEP_CONTROLS[is],
        'unknown',
        `${step.method} ${step.path} demands a credential; whether it asks whose the job is, a description does not tell.`,
        step.at,
      )
  return claims
}

const STEP_CONTROLS = {
  status: 'job-status-authorization',
  result: 'job-result-authorization',
  cancel: 'job-cancel-authorization',
} as const

/** That a header is declared shows what a receiver could check, not that it does. */
function eventClaims(
  { operation, document }: SpecSurface,
  say: (control: ControlId, state: 'present' | 'unknown', detail: string, location?: Location) => void,
): void {
  const proof = senderProof(operation)
  if (proof !== undefined)
    say('sender-authentication', 'present', `The sender shows ${proof}.`, signatureHeader(operation)?.at)
  const time = eventTime(operation, document)
  if (time !== undefined)
    say(
      'freshness-window',
      'unknown',
      `The age can be told by ${time}; whether it is compared, a description does not tell.`,
    )
  const id = eventId(operation, document)
  if (id !== undefined)
    say('replay-cache', 'unknown', `Repeats can be told by ${id}; whether they are, a description does not tell.`)
}
