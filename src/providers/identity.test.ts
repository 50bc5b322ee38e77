/** Which requests are one event: what an outsider can change must not make another of it. */
import { expect, test } from 'vitest'
import { newId } from '../base/model/ids.ts'
import type { EventSources } from './definition.ts'
import { identityOf } from './identity.ts'
import type { Verified } from './outcome.ts'

const NOW = 1_767_225_600_000
const VERIFIED: Verified = {
  ok: true,
  scheme: 's',
  keyId: newId(),
  coverage: 'body',
  covers: { body: true, url: false, headers: [], members: [], fields: [] },
  content: 'body',
}
const digest = Buffer.alloc(32, 1)
const of = (
  event: Partial<EventSources>,
  { id, verified = {}, at = NOW }: { id?: boolean; verified?: Partial<Verified>; at?: number } = {},
) =>
  identityOf(
    { event: { type: 'body:$.type', ...event } as never },
    { ...VERIFIED, ...verified },
    id === undefined ? {} : { id: { value: 'evt-1', covered: id } },
    at,
  )

const SIGNED = { dedupe: 'signed' } as Partial<EventSources>
test.each([
  ['a covered id', {}, { id: true }, { kind: 'id', value: 'evt-1' }],
  ['an id that anybody can change', {}, { id: false }, { kind: 'body-digest' }],
  ['no id', {}, {}, { kind: 'body-digest' }],
  ['no id where nothing is covered', {}, { verified: { coverage: 'none' } }, { kind: 'body-digest' }],
  [
    'an id where nothing is covered, for want of better',
    {},
    { id: false, verified: { coverage: 'none' } },
    { kind: 'id', value: 'evt-1' },
  ],
  ['what was signed beside the body', {}, { verified: { content: digest } }, { kind: 'content-digest', digest }],
  [
    'the signed time as well, where events repeat',
    SIGNED,
    { id: true, verified: { signedAt: 5 } },
    { kind: 'body-digest', moment: 'signed 5' },
  ],
  [
    'the signed time of what was signed beside the body',
    SIGNED,
    { verified: { signedAt: 5, content: digest } },
    { kind: 'content-digest', digest, moment: 'signed 5' },
  ],
  ['no time is signed after all', SIGNED, { id: true }, { kind: 'body-digest' }],
  ['a signed time where events do not repeat', {}, { verified: { signedAt: 5 } }, { kind: 'body-digest' }],
] as [string, Partial<EventSources>, Parameters<typeof of>[1], unknown][])('%s', (_, event, change, wanted) =>
  expect(of(event, change)).toStrictEqual(wanted))

test('what repeats every byte counts again after its span', () => {
  const spans = [0, 59_999, 60_000].map((later) => of({ repeatsAfterSeconds: 60 }, { at: NOW + later }))
  expect(spans).toEqual([
    { kind: 'body-digest', moment: 'span 29453760' },
    { kind: 'body-digest', moment: 'span 29453760' },
    { kind: 'body-digest', moment: 'span 29453761' },
  ])
})
