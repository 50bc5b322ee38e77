/** Counts deliveries: the target is configured to deliver to our listener, and each delivery names its event. */
import type { Oracle } from '../effects.ts'
import type { Listener } from '../listener.ts'

/** @param listener Belongs to the run, which closes it. */
export function sinkOracle(listener: Listener): Oracle {
  return {
    kind: 'sink',
    describes: `deliveries to ${listener.sinkUrl} that name the event`,
    perEvent: true,
    async count(eventId) {
      return listener.delivered.filter(({ body, headers }) => headers.includes(eventId) || body.includes(eventId))
        .length
    },
    async close() {},
  }
}
