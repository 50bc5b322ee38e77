/**
 * What is said of an alert, in plain words: a title, facts, and a hint what to do. Made of numbers, times, closed words and
 * the names that people gave to their own things; nothing a sender wrote, no secret.
 *
 * The text is plain: each channel writes it in its own notation and takes from it whatever would mean something there.
 */
import type { AlertKind, Transition } from '../base/model/alert.ts'
import { publicId } from '../base/model/ids.ts'
import type { AlertRecord } from '../resources/store/alerts.ts'

export interface AlertMessage {
  /** `test`: no alert, somebody tries the channel. */
  readonly transition: Transition | 'test'
  readonly kind: AlertKind | 'test'
  readonly title: string
  readonly facts: readonly Fact[]
}

export interface Fact {
  readonly name: string
  readonly value: string
}

type Details = Readonly<Record<string, unknown>>

interface Wording {
  readonly title: (about: string, details: Details) => string
  readonly facts: (details: Details) => readonly (readonly [name: string, value: string])[]
  /** What to look at next. */
  readonly next: string
}

const WORDINGS: Readonly<Record<AlertKind, Wording>> = {
  delivery_failures: {
    title: (about) => `Deliveries to ${about} fail`,
    facts: (d) => [['Failed', `${text(d, 'failures')} of ${text(d, 'attempts')} attempts in ${minutes(d)}`]],
    next: 'postern deliveries list --status failed --destination {destination}',
  },
  dead_letters: {
    title: (about) => `Deliveries to ${about} were given up`,
    facts: (d) => [
      ['Dead letters', `${text(d, 'deadLetters')}${d['deadLetters'] === 1000 ? ' or more' : ''} in ${minutes(d)}`],
    ],
    next: 'postern dead-letters list --destination {destination}',
  },
  queue_age: {
    title: (about) => (about === '' ? 'Events wait to be processed' : `Deliveries to ${about} wait`),
    facts: (d) => [['Oldest', `due for ${text(d, 'oldestSeconds')} seconds`]],
    next: 'Are workers running? See postern_oldest_job_seconds and the log.',
  },
  parked_events: {
    title: (about) => `Events of ${about} are kept aside`,
    facts: (d) => [
      ['Parked', `${text(d, 'parked')} in ${minutes(d)}`],
      ['Because of', text(d, 'reasons')],
    ],
    next: 'postern events list --status parked --integration {integration}',
  },
  signature_failures: {
    title: (about) => `${about} refuses many requests`,
    facts: (d) => [['Not proved', `${text(d, 'refused')} requests in ${minutes(d)}`]],
    next: 'Was the secret changed on one side? See GET /api/v1/quarantine?integrationId={integration}',
  },
  clock_skew: {
    title: (about) => `Signed times of ${about} are off`,
    facts: (d) => [
      ...(typeof d['medianSeconds'] === 'number'
        ? [['Median', `${skew(d['medianSeconds'])}, of ${text(d, 'samples')} events`] as const]
        : []),
      ['Refused', `${text(d, 'refused')} for their time, in ${minutes(d)}`],
    ],
    next: 'Compare the clock of this machine and that of the sender.',
  },
  secret_expiring: {
    title: (about, d) => `${d['secret'] === 'signing' ? 'A signing secret' : 'An inbound key'} of ${about} ends`,
    facts: (d) => [
      ['Ends', text(d, 'endsAt')],
      ['Successor', d['successor'] === true ? 'there is one; the old one is still in use' : 'none'],
    ],
    next: 'Move everybody to the new secret, or add one: postern integrations add-key.',
  },
  schema_drift: {
    title: (about) => `Events of ${about} have changed their shape`,
    facts: (d) => [['Changes', `${text(d, 'changes')} in ${text(d, 'eventTypes')} types, in ${minutes(d)}`]],
    next: 'postern schemas list --integration {integration}',
  },
  circuit_open: {
    title: (about) => `Nothing is sent to ${about}: it has failed for long`,
    facts: (d) => [
      ['Failures in a row', text(d, 'failures')],
      ['Failing since', text(d, 'failingSince')],
    ],
    next: 'postern destinations show {destination}',
  },
  destination_disabled: {
    title: (about) => `${about} was disabled`,
    facts: (d) => [['Reason', d['reason'] === 'gone' ? 'it says that it is gone' : 'it failed for too long']],
    next: 'Mend it, then postern destinations resume {destination}',
  },
  undelivered_pruned: {
    title: () => 'Events that were never delivered were removed',
    facts: (d) => [['Removed', `${text(d, 'events')} dead letters and parked events in ${minutes(d)}`]],
    next: 'postern retention show',
  },
}

/** @param heldBack Notifications that this channel did not get because of its rate. */
export function messageOf(alert: AlertRecord, transition: Transition, heldBack: number): AlertMessage {
  const wording = WORDINGS[alert.kind]
  const name = plain(alert.destinationName ?? alert.integrationName ?? '')
  const title = wording.title(name, alert.details)
  const subject = subjectOf(alert)
  const facts: readonly (readonly [string, string])[] = [
    ...subject,
    ...wording.facts(alert.details),
    ['Since', alert.createdAt.toISOString()],
    ...(alert.resolvedAt === null || transition === 'opened'
      ? []
      : [['Until', alert.resolvedAt.toISOString()] as const]),
    ['Alert', publicId('alert', alert.id)],
    ...(transition === 'opened' ? [['Next', nextOf(wording.next, alert)] as const] : []),
    ...(heldBack > 0
      ? [['Held back', `${heldBack} other notifications, because of this channel’s rate: postern alerts list`] as const]
      : []),
  ]
  return {
    transition,
    kind: alert.kind,
    title: transition === 'opened' ? title : `Resolved: ${title}`,
    facts: facts.map(([fact, value]) => ({ name: fact, value: plain(value) })),
  }
}

export const TEST_MESSAGE: AlertMessage = {
  transition: 'test',
  kind: 'test',
  title: 'A test of this channel',
  facts: [{ name: 'Next', value: 'Nothing: alerts can be told here.' }],
}

function subjectOf({ destinationId, integrationId, destinationName, integrationName }: AlertRecord) {
  return [
    ...(destinationId === null
      ? []
      : [['Destination', `${destinationName ?? ''} (${publicId('destination', destinationId)})`] as const]),
    ...(integrationId === null
      ? []
      : [['Integration', `${integrationName ?? ''} (${publicId('integration', integrationId)})`] as const]),
  ]
}

function nextOf(next: string, { destinationId, integrationId }: AlertRecord): string {
  return next
    .replace('{destination}', destinationId === null ? '' : publicId('destination', destinationId))
    .replace('{integration}', integrationId === null ? '' : publicId('integration', integrationId))
    .trim()
}

/** One line, without what moves a cursor, hides text or turns it round. */
function plain(value: string): string {
  return value
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, 300)
}

function text(details: Details, name: string): string {
  const value = details[name]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '?'
}

function minutes(details: Details): string {
  return `${text(details, 'windowMinutes')} minutes`
}

function skew(seconds: number): string {
  return seconds < 0 ? `${-seconds} seconds in the future` : `${seconds} seconds in the past`
}
