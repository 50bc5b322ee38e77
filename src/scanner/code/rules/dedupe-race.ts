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
    if (facts.claims.some(({ kind }) => kind === 'atomic' || kind === 'upsert')) return []
    const look = facts.claims.find(({ kind }) => kind === 'lookup')
    const mark = facts.claims.find(({ kind }) => kind === 'store')
    return look === undefined || mark === undefined || effectsOf(facts).length === 0
      ? []
      : [
          {
            at: look.at,
            message: `${look.name} looks whether the event was seen and ${mark.name} marks it later: copies in between pass.`,
            trace: [{ ...mark.at, message: 'It is marked here.' }],
          },
        ]
  },
})
