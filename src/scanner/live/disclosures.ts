/** What an answer gives away, told from its text. Shared by probes of every kind of surface. */
import type { Answer } from './lab.ts'
import { KEY_OF_KNOWN_KIND } from './redact.ts'

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
  { what: 'a key of a known kind', pattern: KEY_OF_KNOWN_KIND },
]

export function disclosures(answer: Answer): readonly string[] {
  if (!answer.ok) return []
  const text = answer.body.toString('utf8')
  return PATTERNS.filter(({ pattern }) => pattern.test(text)).map(({ what }) => what)
}

/** Names of members that have no business in an answer, and numbers that are somebody's card. */
export function personalData(answer: Answer): readonly string[] {
  if (!answer.ok) return []
  const text = answer.body.toString('utf8')
  const secret =
    /"(password(?:_?hash|_?digest)?|passwd|secret(?:_?key)?|private_?key|ssn|social_security_number|cvv|cvc)"\s*:\s*"[^"]/i.exec(
      text,
    )
  const cards = [...text.matchAll(/\b\d(?:[ -]?\d){12,18}\b/g)].some(([digits]) =>
    isCardNumber(digits.replace(/\D/g, '')),
  )
  return [
    ...(secret === null ? [] : [`a member named ${(secret[1] ?? '').toLowerCase()}`]),
    ...(cards ? ['the number of a payment card'] : []),
  ]
}

/** Of the right beginning, and its digits check out (ISO/IEC 7812, Luhn). */
function isCardNumber(digits: string): boolean {
  if (!/^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|6(?:011|5\d\d)\d{12})$/.test(digits)) return false
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const doubled = Number(digit) * (index % 2 === 1 ? 2 : 1)
    return total + (doubled > 9 ? doubled - 9 : doubled)
  }, 0)
  return sum % 10 === 0
}

export function hasRateLimitHeaders(answer: Answer): boolean {
  return answer.ok && answer.headers.some(([name]) => /^(?:x-)?ratelimit(?:-|$)|^retry-after$/i.test(name))
}

export function headerOf(answer: Answer, wanted: string): string | undefined {
  return answer.ok ? answer.headers.find(([name]) => name.toLowerCase() === wanted)?.[1] : undefined
}
