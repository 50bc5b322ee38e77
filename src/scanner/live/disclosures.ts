/** What an answer gives away, told from its text. Shared by probes of every kind of surface. */
import type { Answer } from './lab.ts'

interface Pattern {
  readonly what: string
  readonly pattern: RegExp
}

/** Each is bounded in what it may repeat, as the text is the far side's. */
const PATTERNS: readonly Pattern[] = [
  { what: 'a Python traceback', pattern: /Traceback \(most recent call last\)/ },
  {
    what: 'a debugger’s page',
    pattern:
      /Werkzeug Debugger|You're seeing this error because you have <code>DEBUG = True|Whoops, looks like something went wrong/,
  },
  {
    what: 'a JavaScript stack',
    pattern:
      /\bat [\w.<>$ [\]]{1,80} \((?:file:\/\/)?\/?[^()\n]{1,200}:\d+:\d+\)|\bat (?:file:\/\/)?\/[^()\n]{1,200}\.[cm]?[jt]s:\d+:\d+/,
  },
  { what: 'a Java stack', pattern: /\bat [\w.$]{3,120}\([\w]{1,60}\.java:\d+\)/ },
  { what: 'a Ruby, PHP or Go stack', pattern: /\.rb:\d+:in [`']|PHP (?:Fatal|Warning|Notice)|goroutine \d+ \[/ },
  {
    what: 'a database error',
    pattern:
      /SQLSTATE\[|syntax error at or near|sqlite3\.\w{1,20}Error|psycopg2?\.\w{1,40}|ORA-\d{5}|You have an error in your SQL syntax/,
  },
  { what: 'a private key', pattern: /-----BEGIN (?:[A-Z]{1,20} )?PRIVATE KEY-----/ },
  {
    what: 'a key of a known kind',
    pattern:
      /\b(?:AKIA[0-9A-Z]{16}|sk_live_[0-9a-zA-Z]{16,}|whsec_[0-9A-Za-z+/=]{20,}|gh[pousr]_[0-9A-Za-z]{36}|xox[baprs]-[0-9A-Za-z-]{10,}|AIza[0-9A-Za-z_-]{35}|glpat-[0-9A-Za-z_-]{20})\b/,
  },
]

export function disclosures(answer: Answer): readonly string[] {
  if (!answer.ok) return []
  const text = answer.body.toString('utf8')
  return PATTERNS.filter(({ pattern }) => pattern.test(text)).map(({ what }) => what)
}

export function hasRateLimitHeaders(answer: Answer): boolean {
  return answer.ok && answer.headers.some(([name]) => /^(?:x-)?ratelimit(?:-|$)|^retry-after$/i.test(name))
}

export function headerOf(answer: Answer, wanted: string): string | undefined {
  return answer.ok ? answer.headers.find(([name]) => name.toLowerCase() === wanted)?.[1] : undefined
}
