/** What becomes of an open socket when its session ends. */
import type { Lab } from '../../lab.ts'
import { faulty, sound, unclear, type Verdict } from '../../probe.ts'
import type { Identity } from '../identities.ts'
import { byItself, bySigningOut, type SessionEnd } from '../session-end.ts'
import { lost, openAs, request, type SocketProbe, type SocketSubject } from '../socket-subject.ts'
import type { Talk } from '../talk.ts'

export const logoutClose: SocketProbe = {
  id: 'socket-logout',
  follows: ['socket-no-credential'],
  title: 'A socket whose user has signed out',
  controls: ['session-termination'],
  proves: 'Whether signing out, or a revocation, reaches connections that are open already, and how soon.',
  sends:
    'A socket is opened and asked; then the sign-out of the plan is sent over HTTP; then the socket is watched, and asked again.',
  reads: 'Closed, or no longer answered, within the time of the plan: sound. Still answered: faulty.',
  limits: 'Needs logout: in the plan, with an identity that nothing else needs afterwards.',
  examples: { faulty: 'signed out, and 5 s later still {"type":"order"}', sound: 'closed with 4401' },
  async run(subject, lab) {
    const ending = bySigningOut(subject, lab)
    return 'standing' in ending ? ending : await outlive(subject, lab, ending)
  },
}

export const sessionExpiry: SocketProbe = {
  id: 'socket-session-end',
  follows: ['socket-no-credential'],
  title: 'A socket whose session ended by itself',
  controls: ['session-revalidation'],
  proves: 'Whether an open connection outlives the session it was opened with.',
  sends: 'A socket is opened and asked with a session that ends soon; it is watched until then, and asked again.',
  reads: 'Closed, or no longer answered: sound. Still answered: faulty.',
  limits: 'Needs expiring: in the plan: an identity whose session lasts for seconds.',
  examples: { faulty: 'the token has ended, and still {"type":"order"}', sound: 'closed with 4401' },
  async run(subject, lab) {
    const ending = byItself(subject)
    return 'standing' in ending ? ending : await outlive(subject, lab, ending)
  },
}

async function outlive(
  subject: SocketSubject,
  lab: Lab,
  { identity, withinSeconds, end }: SessionEnd,
): Promise<Verdict> {
  const talk = await openAs(subject, lab, identity)
  if (talk === undefined) return lost(`The identity ${identity.name}`)
  try {
    if (!(await isAnswered(subject, talk, identity)))
      return unclear(`${identity.name} got no answer before its session ended.`, 'Correct the values of this identity.')
    const problem = await end()
    if (problem !== undefined)
      return unclear(`The session could not be ended: ${problem}.`, 'Correct logout: in the plan.')
    await talk.listen(() => false, withinSeconds * 1_000)
    if (talk.ended !== undefined)
      return sound(`The socket was closed (${talk.ended.code}) soon after its session ended.`)
    if (await isAnswered(subject, talk, identity))
      return faulty(`The socket was open and answered ${withinSeconds} s after its session had ended.`)
    return sound('The socket was left open after its session ended, but no longer answered.', { confidence: 'medium' })
  } finally {
    talk.close()
  }
}

async function isAnswered(subject: SocketSubject, talk: Talk, identity: Identity): Promise<boolean> {
  return (await request(subject, talk, subject.target.messages.ask, identity.values)).reception === 'granted'
}
