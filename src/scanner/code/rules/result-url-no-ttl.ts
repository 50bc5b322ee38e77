import { oncePerPlace } from './questions.ts'
import { defineRule } from './rule.ts'

export const resultUrlNoTtl = defineRule({
  id: 'result-url-no-ttl',
  control: 'result-url-ttl',
  title: 'The address of a result lives too long',
  severity: 'medium',
  confidence: 'high',
  cwe: [613, 672],
  owasp: ['API1', 'API4'],
  styles: ['async-job', 'export-url'],
  why: 'Addresses end up in logs, chats and browser histories. One that is public or lives for days gives the file to whoever finds it.',
  fix: {
    any: 'Sign addresses for at most five minutes and issue a new one for each download.',
  },
  limits: 'A route of the application that asks who the caller is needs no short life.',
  when: ({ facts }) =>
    oncePerPlace(
      facts.uses
        .filter(
          ({ kind, seconds, detail }) =>
            kind === 'signed-url' && (detail === 'public' || (seconds !== undefined && seconds > 3600)),
        )
        .map(({ at, name, seconds }) => ({
          at,
          message:
            seconds === undefined
              ? `${name} gives a result an address that never expires.`
              : `${name} gives a result an address that works for ${seconds} seconds.`,
        })),
    ),
})
