import type { DedupeClaim, Place } from '../flow/facts.ts'
import { wordsOf } from '../knowledge/names.ts'
import { effectsOf } from './questions.ts'
import { defineRule } from './rule.ts'

export const dedupeRace = defineRule({
  id: 'dedupe-race',
  control: 'replay-cache',
  title: 'Two copies that arrive together both pass',
  severity: 'medium',
  confidence: 'high',
  cwe: [362, 367],
  owasp: ['API6', 'API10'],
  styles: ['webhook'],
  why: 'Looking whether an id was seen and marking it are two steps. Copies that arrive at once both see nothing and both have their effect.',
  fix: {
    any: 'One atomic step: SET NX, INSERT … ON CONFLICT DO NOTHING, a unique key.',
  },
  limits: 'Where the insert that follows is under a unique key, the look before it is only a shortcut.',
  when: ({ facts }) => {
    const { claims } = facts
    if (claims.some(({ kind }) => kind === 'atomic' || kind === 'upsert')) return []
    const effects = effectsOf(facts)
    for (const look of claims.filter(({ kind }) => kind === 'lookup')) {
      const mark = claims.find(
        (one) => (one.kind === 'store' || one.kind === 'insert') && one !== look && isSameStore(look, one),
      )
      if (mark === undefined) continue
      // A mark under a unique key that comes first settles the race itself; a plain `set` never does.
      const unsettled = effects.some(
        ({ at, reaches }) =>
          !isSamePlace(at, mark.at) &&
          reaches.some(
            (reach) => reach.claims.includes(look) && (mark.kind === 'store' || !reach.claims.includes(mark)),
          ),
      )
      if (unsettled)
        return [
          {
            at: look.at,
            message: `${look.name} looks whether the event was seen and ${mark.name} marks it later: copies in between pass.`,
            trace: [{ ...mark.at, message: 'It is marked here.' }],
          },
        ]
    }
    return []
  },
})

function isSamePlace(a: Place, b: Place): boolean {
  return a.file === b.file && a.line === b.line
}

/** Both speak of one thing: the same cache, or an entity of the same name. */
function isSameStore(look: DedupeClaim, mark: DedupeClaim): boolean {
  if (mark.kind === 'store') return true
  const words = new Set(wordsOf(mark.name).filter((word) => ENTITY.test(word)))
  return wordsOf(look.name).some((word) => words.has(word))
}
const ENTITY = /event|webhook|deliver|processed|seen|idempot|message|notification|payment|transaction|receipt|log/
