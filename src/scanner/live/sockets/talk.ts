/**
 * A conversation over a socket: opened as somebody, paid for from the budget, and kept, redacted, with its probe.
 *
 * Nothing here judges. A talk says what was heard and how it ended; a quiet line is waited for a few times as long as
 * a genuine question takes to be answered.
 */
import type { HeaderList } from '../../../base/model/event.ts'
import type { SocketLine, WebSocketOpening, WebSocketRequest } from '../../../resources/outbound/websocket.ts'
import type { Lab } from '../lab.ts'
import type { Json } from './channel-plan.ts'
import type { Dialect } from './dialect.ts'

/** What a client shows when it connects. */
export interface Credential {
  readonly headers: HeaderList
  readonly query: Readonly<Record<string, string>>
  readonly init: Readonly<Record<string, string>> | undefined
}

export const NO_CREDENTIAL: Credential = { headers: [], query: {}, init: undefined }

export interface Wire {
  readonly url: string
  readonly dialect: Dialect
  readonly open: (request: WebSocketRequest) => Promise<WebSocketOpening>
  readonly timeoutMs: number
  /** How long a line must be quiet until nothing more is expected; grows with what was seen. */
  readonly quiet: { ms: number }
}

export interface Talk {
  /** Every message heard so far, as the protocol's own values. */
  readonly heard: readonly unknown[]
  readonly ended: SocketLine['ended']
  say(message: Json, options?: { readonly padding?: number }): Promise<void>
  sayText(text: string): Promise<void>
  /** Until `isEnough`, until it ended, or until it was quiet. */
  listen(isEnough?: (heard: readonly unknown[]) => boolean, patienceMs?: number): Promise<void>
  close(): void
}

export type TalkOpening =
  | { readonly ok: true; readonly talk: Talk }
  /** `refused`: it said no, in HTTP, in its first words or by hanging up. `failed`: nobody said anything. */
  | { readonly ok: false; readonly how: 'refused' | 'failed'; readonly detail: string }

const LONGEST_LISTENING_MS = 10_000
const SHOWN_CHARACTERS = 300
const SHOWN_LINES = 12

export async function openTalk(wire: Wire, lab: Lab, credential: Credential): Promise<TalkOpening> {
  const { dialect, timeoutMs } = wire
  const url = addressOf(wire, credential)
  const told = [
    `GET ${url.pathname}${url.search} (upgrade to websocket${protocolsOf(dialect)})`,
    ...shownHeaders(credential),
  ]
  await lab.budget.take(1)
  if (lab.dry) return { ok: true, talk: silentTalk(dialect, lab, told, credential) }
  const { signal } = lab.budget
  const request = { url: url.href, headers: credential.headers, subprotocols: dialect.subprotocols, timeoutMs, signal }
  const opening = await wire.open(request)
  lab.budget.check()
  if (!opening.ok) {
    lab.keep(
      told.join('\n'),
      opening.status === undefined ? `no answer: ${opening.detail}` : `HTTP/1.1 ${opening.status}`,
    )
    return { ok: false, how: opening.status === undefined ? 'failed' : 'refused', detail: opening.detail }
  }
  return await greeted(new Conversation(wire, lab, opening.line, told), dialect, credential)
}

async function greeted(talk: Conversation, dialect: Dialect, { init }: Credential): Promise<TalkOpening> {
  const greeting = dialect.greeting(init)
  if (greeting === undefined) return { ok: true, talk }
  await talk.sayText(greeting)
  await talk.listen(() => talk.isWelcome || talk.isTurnedAway)
  if (talk.isWelcome) return { ok: true, talk }
  talk.close()
  const silence = talk.ended === undefined ? 'its greeting was not answered' : `closed with ${talk.ended.code}`
  const detail = talk.isTurnedAway ? 'answered with an error' : silence
  return { ok: false, how: talk.isTurnedAway || talk.ended !== undefined ? 'refused' : 'failed', detail }
}

class Conversation implements Talk {
  readonly #wire: Wire
  readonly #lab: Lab
  readonly #line: SocketLine
  readonly #told: string[]
  readonly #heard: unknown[] = []
  #read = 0
  #count = 0
  #isKept = false
  isWelcome = false
  isTurnedAway = false

  constructor(wire: Wire, lab: Lab, line: SocketLine, told: string[]) {
    this.#wire = wire
    this.#lab = lab
    this.#line = line
    this.#told = told
  }

  get heard(): readonly unknown[] {
    return this.#heard
  }

  get ended(): SocketLine['ended'] {
    return this.#line.ended
  }

  async say(message: Json, { padding = 0 }: { readonly padding?: number } = {}): Promise<void> {
    this.#count += 1
    await this.sayText(this.#wire.dialect.write(message, String(this.#count), padding))
  }

  async sayText(text: string): Promise<void> {
    await this.#lab.budget.take(1)
    this.#told.push(`> ${text}`)
    this.#line.send(text)
  }

  async listen(
    isEnough: (heard: readonly unknown[]) => boolean = () => false,
    patienceMs = this.#wire.quiet.ms,
  ): Promise<void> {
    const line = this.#line
    const until = Date.now() + Math.max(LONGEST_LISTENING_MS, patienceMs)
    for (this.#take(); !isEnough(this.#heard) && line.ended === undefined && Date.now() < until; this.#take()) {
      const before = line.received.length
      await line.heardMoreThan(before, patienceMs)
      this.#lab.budget.check()
      if (line.received.length === before) break
    }
    this.#take()
  }

  close(): void {
    this.#line.close()
    if (this.#isKept) return
    this.#isKept = true
    const { received, ended } = this.#line
    const end = ended?.by === 'them' ? [`(closed by the target: ${ended.code} ${ended.reason})`] : []
    this.#lab.keep(shownLines(this.#told), shownLines([...received.map((text) => `< ${text}`), ...end]))
  }

  /** Reads what has arrived since. */
  #take(): void {
    for (const text of this.#line.received.slice(this.#read)) {
      this.#read += 1
      const frame = this.#wire.dialect.read(text)
      if (frame.kind === 'welcome') this.isWelcome = true
      else if (frame.kind === 'turned-away') this.isTurnedAway = true
      else if (frame.kind === 'message') this.#heard.push(frame.value)
      else if (frame.kind === 'ping') this.#line.send(frame.answer)
    }
  }
}

/** Of a dry run: writes down what would be said. */
function silentTalk(dialect: Dialect, lab: Lab, told: string[], { init }: Credential): Talk {
  const greeting = dialect.greeting(init)
  if (greeting !== undefined) told.push(`> ${greeting}`)
  return {
    heard: [],
    ended: undefined,
    async say(message, { padding = 0 } = {}) {
      told.push(`> ${dialect.write(message, '1', padding)}`)
    },
    async sayText(text) {
      told.push(`> ${text}`)
    },
    async listen() {},
    close: () => lab.keep(shownLines(told), ''),
  }
}

export function addressOf({ url, dialect }: Pick<Wire, 'url' | 'dialect'>, { query }: Credential): URL {
  const address = new URL(url)
  for (const [name, value] of Object.entries({ ...dialect.query, ...query })) address.searchParams.set(name, value)
  return address
}

function protocolsOf({ subprotocols }: Dialect): string {
  return subprotocols.length === 0 ? '' : `, ${subprotocols.join(', ')}`
}

function shownHeaders({ headers }: Credential): readonly string[] {
  return headers.map(([name, value]) => `${name}: ${/^origin$/i.test(name) ? value : `[${value.length} characters]`}`)
}

function shownLines(lines: readonly string[]): string {
  const shown = lines.slice(0, SHOWN_LINES).map((line) => {
    return line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}… (${line.length} characters)` : line
  })
  return [...shown, ...(lines.length > SHOWN_LINES ? [`… ${lines.length - SHOWN_LINES} more`] : [])].join('\n')
}
