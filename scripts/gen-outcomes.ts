/** docs/outcomes.md, from the table of outcomes. */
import { OUTCOMES } from '../src/flow/delivery/outcome-table.ts'

export function outcomesPage(): string {
  const yes = (value: boolean) => (value ? 'yes' : 'no')
  const rows = Object.entries(OUTCOMES).map(
    ([outcome, { means, retried, blames }]) => `| \`${outcome}\` | ${means} | ${yes(retried)} | ${yes(blames)} |`,
  )
  return `<!-- Generated from src/flow/delivery/outcome-table.ts by \`npm run gen\`. -->

# Outcomes of a delivery attempt

Every attempt ends in one of these; there are no others. *Tried again* is as often and as late as the destination's retry
policy says (\`retry\`: exponential with full jitter, linear, or a schedule; \`retryOn\` for answers), and \`Retry-After\` of a 429
or 503 is kept to, up to the policy's cap. What is not tried again, or no more, is a dead letter: listed with this word as
its reason until it is replayed or dismissed. *Blames* counts towards the destination's circuit.

| Outcome | What happened | Tried again | Blames |
|--|--|--|--|
${rows.join('\n')}
`
}
