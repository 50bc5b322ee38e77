/**
 * A quick reader for the plain part of YAML that manifests and descriptions are written in, and for JSON; everything
 * else (anchors, tags, indentation indicators, quoted text over several lines, tabs, repeated keys, any error) it hands
 * back by answering `undefined`, and the full parser reads the file instead. Ten times faster where it applies, which is
 * what makes a thousand surfaces a matter of a fraction of a second; a property test holds the two readers to the same
 * trees.
 */
import type { Location } from '../../catalogue/evidence.ts'
import type { ManifestNode, MapEntry } from './node.ts'

const MAX_DEPTH = 64

export function readFast(text: string, file: string): readonly ManifestNode[] | undefined {
  try {
    const first = /\S/.exec(text)?.[0]
    if (first === '{' || first === '[') return [new JsonReader(text, file).document()]
    return blockDocuments(text, file)
  } catch (error) {
    if (error instanceof Unusual) return undefined
    throw error
  }
}

/** Not an error: only not for this reader. */
class Unusual extends Error {}

function unusual(): never {
  throw new Unusual()
}

interface Line {
  readonly number: number
  readonly indent: number
  readonly text: string
}

function blockDocuments(text: string, file: string): readonly ManifestNode[] {
  const documents: Line[][] = [[]]
  const raw: string[] = []
  for (const ended of text.split('\n')) {
    const line = ended.endsWith('\r') ? ended.slice(0, -1) : ended
    const number = raw.push(line)
    if (line.includes('\t') || line.includes('\r') || line.startsWith('%') || line.startsWith('...')) unusual()
    const content = line.trim()
    if (content === '' || content.startsWith('#')) continue
    if (line.startsWith('---')) {
      if (content !== '---') unusual()
      documents.push([])
    } else {
      documents.at(-1)?.push({ number, indent: line.length - line.trimStart().length, text: content })
    }
  }
  // Only what stands before the first marker may be nothing; an empty document after one is a null.
  if (documents.slice(1).some((lines) => lines.length === 0)) unusual()
  return documents.filter((lines) => lines.length > 0).map((lines) => new BlockReader(lines, raw, file).document())
}

/** A plain key of a block; anything that needs more thought than this is not for here. */
const KEY = /^(?:([A-Za-z0-9_$/](?:[^\s:#]|:(?=\S)| +(?=[^\s:#]))*?)|"([^"\\]*)"|'([^']*)')[ ]*:(?:[ ]+|$)/

/** The same inside braces, where more characters have a meaning. */
const FLOW_KEY = /^(?:([A-Za-z_$][\w$.-]*)|"([^"\\]*)"|'([^']*)')[ ]*:(?:[ ]+|$)/

class BlockReader {
  readonly #lines: Line[]
  /** Every line of the file, also empty ones and comments. */
  readonly #raw: readonly string[]
  readonly #file: string
  #next = 0

  constructor(lines: Line[], raw: readonly string[], file: string) {
    this.#lines = lines
    this.#raw = raw
    this.#file = file
  }

  document(): ManifestNode {
    const first = this.#lines[0] ?? unusual()
    const node = this.#block(first.indent, 0)
    return this.#next === this.#lines.length ? node : unusual()
  }

  #block(indent: number, depth: number): ManifestNode {
    const line = this.#lines[this.#next] ?? unusual()
    if (depth > MAX_DEPTH) unusual()
    return isItem(line.text) ? this.#list(indent, depth) : this.#map(indent, depth)
  }

  #list(indent: number, depth: number): ManifestNode {
    const items: ManifestNode[] = []
    const at = this.#at(this.#lines[this.#next] ?? unusual())
    for (
      let line = this.#lines[this.#next];
      line !== undefined && line.indent === indent && isItem(line.text);
      line = this.#lines[this.#next]
    ) {
      const rest = line.text.slice(1).trimStart()
      if (rest === '' || rest.startsWith('#')) {
        this.#next++
        items.push(this.#nested(indent, depth, line))
        continue
      }
      const inner: Line = { number: line.number, indent: indent + line.text.length - rest.length, text: rest }
      if (isItem(rest) || KEY.test(rest)) {
        // The rest of the line opens a block of its own, indented to where it stands.
        this.#lines[this.#next] = inner
        items.push(this.#block(inner.indent, depth + 1))
      } else {
        this.#next++
        items.push(this.#value(inner, 0, rest, indent))
      }
    }
    this.#dedented(indent)
    return { kind: 'list', items, at }
  }

  #map(indent: number, depth: number): ManifestNode {
    const entries: MapEntry[] = []
    const seen = new Set<string>()
    const at = this.#at(this.#lines[this.#next] ?? unusual())
    for (
      let line = this.#lines[this.#next];
      line !== undefined && line.indent === indent && !isItem(line.text);
      line = this.#lines[this.#next]
    ) {
      const match = KEY.exec(line.text) ?? unusual()
      const key = match[1] === undefined ? (match[2] ?? match[3] ?? '') : plainKey(match[1])
      if (seen.has(key) || key === '') unusual()
      seen.add(key)
      this.#next++
      const rest = line.text.slice(match[0].length)
      const empty = rest === '' || rest.startsWith('#')
      const value = empty ? this.#nested(indent, depth, line, true) : this.#value(line, match[0].length, rest, indent)
      entries.push({ key, keyAt: this.#at(line), value })
    }
    this.#dedented(indent)
    return { kind: 'map', entries, at }
  }

  /** What stands under a key or a dash: a deeper block, for a key also a list at its own depth, or nothing. */
  #nested(indent: number, depth: number, parent: Line, underKey = false): ManifestNode {
    const line = this.#lines[this.#next]
    if (line !== undefined && (line.indent > indent || (underKey && line.indent === indent && isItem(line.text)))) {
      return this.#block(line.indent, depth + 1)
    }
    return { kind: 'scalar', value: null, at: this.#at(parent) }
  }

  /** @param parent Indentation of what the value belongs to: deeper lines continue it. */
  #value(line: Line, offset: number, rest: string, parent: number): ManifestNode {
    const header = /^([|>])(-?)$/.exec(rest)
    const at = { file: this.#file, line: line.number, column: line.indent + offset + 1 }
    if (header !== null) return { kind: 'scalar', value: this.#blockText(line.number, header, parent), at }
    const following = this.#lines[this.#next]
    const value = new FlowReader(rest, this.#file, line.number, line.indent + offset).value()
    if (following === undefined || following.indent <= parent) return value
    if (/^["'[{]/.test(rest) || rest.includes(' #')) unusual()
    return { kind: 'scalar', value: this.#continued(rest, line.number, parent), at }
  }

  /** Plain text over several lines: each is joined by a space, and empty lines between them are line breaks. */
  #continued(first: string, number: number, parent: number): string {
    let text = first
    let last = number
    for (
      let line = this.#lines[this.#next];
      line !== undefined && line.indent > parent;
      line = this.#lines[++this.#next]
    ) {
      if (/^[-?:,[\]{}#&*!|>'"%@`]/.test(line.text) || /:(?: |$)| #/.test(line.text)) unusual()
      const between = this.#raw.slice(last, line.number - 1)
      if (between.some((one) => one.trim() !== '')) unusual()
      text += `${between.length === 0 ? ' ' : '\n'.repeat(between.length)}${line.text}`
      last = line.number
    }
    return text
  }

  /** Text after `|` or `>`: every line that is empty or deeper than `parent`. */
  #blockText(number: number, [, style, chomp]: RegExpExecArray, parent: number): string {
    const lines: string[] = []
    let indent = -1
    let next = number
    for (let line = this.#raw[next]; line !== undefined; line = this.#raw[++next]) {
      const own = line.length - line.trimStart().length
      if (line.trim() === '') {
        if (line.length > Math.max(indent, 0)) unusual()
        lines.push('')
        continue
      }
      if (indent === -1) indent = own
      if (own <= parent) break
      if (own < indent) unusual()
      lines.push(line.slice(indent))
    }
    // Where the file ends without a line break the text may end without one.
    if (indent <= parent || next >= this.#raw.length) unusual()
    for (
      let line = this.#lines[this.#next];
      line !== undefined && line.number <= next;
      line = this.#lines[++this.#next]
    );
    while (lines.at(-1) === '') lines.pop()
    if (style === '>' && lines.some((line) => line.startsWith(' '))) unusual()
    return (style === '|' ? lines.join('\n') : folded(lines)) + (chomp === '-' ? '' : '\n')
  }

  #dedented(indent: number): void {
    const line = this.#lines[this.#next]
    if (line !== undefined && line.indent > indent) unusual()
  }

  #at(line: Line): Location {
    return { file: this.#file, line: line.number, column: line.indent + 1 }
  }
}

/** As the full parser names it: a key that is a number, boolean or null in another spelling is not for here. */
function plainKey(text: string): string {
  const value = plainScalar(text)
  return String(value) === text ? text : unusual()
}

function folded(lines: readonly string[]): string {
  let text = ''
  let empty = 0
  for (const [index, line] of lines.entries()) {
    if (line === '') empty++
    else {
      text += empty > 0 ? '\n'.repeat(empty) : index === 0 ? '' : ' '
      text += line
      empty = 0
    }
  }
  return text
}

function isItem(text: string): boolean {
  return text === '-' || text.startsWith('- ')
}

/** A value that begins and ends on one line: plain or quoted text, or a flow list or map. */
class FlowReader {
  readonly #text: string
  readonly #file: string
  readonly #line: number
  readonly #offset: number
  #at = 0

  constructor(text: string, file: string, line: number, offset: number) {
    this.#text = text
    this.#file = file
    this.#line = line
    this.#offset = offset
  }

  value(): ManifestNode {
    const first = this.#text[0] ?? ''
    const node = first === '[' || first === '{' || first === '"' || first === "'" ? this.#node(0) : this.#plainToEnd()
    const rest = this.#text.slice(this.#at).trim()
    return rest === '' || (rest.startsWith('#') && this.#text[this.#at] === ' ') ? node : unusual()
  }

  #plainToEnd(): ManifestNode {
    const end = this.#text.search(/ +#/)
    const plain = end === -1 ? this.#text : this.#text.slice(0, end)
    if (/^[-?:,[\]{}#&*!|>'"%@`]/.test(plain) && !/^-[\w.]/.test(plain)) unusual()
    if (/:(?: |$)/.test(plain)) unusual()
    this.#at = this.#text.length
    return { kind: 'scalar', value: plainScalar(plain), at: this.#here(0) }
  }

  #node(depth: number): ManifestNode {
    if (depth > MAX_DEPTH) unusual()
    const start = this.#at
    const first = this.#text[start]
    if (first === '[') return this.#flowList(depth)
    if (first === '{') return this.#flowMap(depth)
    if (first === '"' || first === "'") return { kind: 'scalar', value: this.#quoted(first), at: this.#here(start) }
    const plain =
      /^[\w.$/+*-](?:[\w.$/+*=@%~^()-]| (?=[\w.$/+*(-])|:(?=[\w/]))*/.exec(this.#text.slice(start))?.[0] ?? unusual()
    if (/^[*%@-]/.test(plain) && !/^-[\w.]/.test(plain)) unusual()
    this.#at = start + plain.length
    return { kind: 'scalar', value: plainScalar(plain), at: this.#here(start) }
  }

  #flowList(depth: number): ManifestNode {
    const at = this.#here(this.#at)
    const items: ManifestNode[] = []
    this.#at++
    for (this.#space(); this.#text[this.#at] !== ']'; this.#space()) {
      items.push(this.#node(depth + 1))
      this.#separator(']')
    }
    this.#at++
    return { kind: 'list', items, at }
  }

  #flowMap(depth: number): ManifestNode {
    const at = this.#here(this.#at)
    const entries: MapEntry[] = []
    const seen = new Set<string>()
    this.#at++
    for (this.#space(); this.#text[this.#at] !== '}'; this.#space()) {
      const match = FLOW_KEY.exec(this.#text.slice(this.#at)) ?? unusual()
      const key = match[1] ?? match[2] ?? match[3] ?? ''
      if (seen.has(key) || key === '') unusual()
      seen.add(key)
      const keyAt = this.#here(this.#at)
      this.#at += match[0].length
      if (/[,}]/.test(this.#text[this.#at] ?? '}')) unusual()
      entries.push({ key, keyAt, value: this.#node(depth + 1) })
      this.#separator('}')
    }
    this.#at++
    return { kind: 'map', entries, at }
  }

  #separator(closing: string): void {
    this.#space()
    if (this.#text[this.#at] === ',') this.#at++
    else if (this.#text[this.#at] !== closing) unusual()
  }

  #space(): void {
    while (this.#text[this.#at] === ' ') this.#at++
    if (this.#at >= this.#text.length || this.#text[this.#at] === '#') unusual()
  }

  #quoted(quote: string): string {
    const pattern = quote === '"' ? DOUBLE_QUOTED : SINGLE_QUOTED
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text) ?? unusual()
    this.#at = pattern.lastIndex
    if (this.#text[this.#at] === ':') unusual()
    const inside = match[1] ?? ''
    return quote === '"' ? unescaped(inside) : inside.replaceAll("''", "'")
  }

  #here(at: number): Location {
    return { file: this.#file, line: this.#line, column: this.#offset + at + 1 }
  }
}

const DOUBLE_QUOTED = /"((?:[^"\\]|\\.)*)"/y
const SINGLE_QUOTED = /'((?:[^']|'')*)'/y
const INTEGER = /^[-+]?[0-9]+$/
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/

/** The core schema of YAML 1.2, section 10.3.2. */
function plainScalar(text: string): string | number | boolean | null {
  switch (text) {
    case '':
    case '~':
    case 'null':
    case 'Null':
    case 'NULL':
      return null
    case 'true':
    case 'True':
    case 'TRUE':
      return true
    case 'false':
    case 'False':
    case 'FALSE':
      return false
  }
  if (!/^[-+.0-9]/.test(text)) return text
  if (INTEGER.test(text) || FLOAT.test(text)) {
    const number = Number(text)
    return Number.isFinite(number) ? number : unusual()
  }
  return /^(?:0o[0-7]+|0x[0-9a-fA-F]+|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/.test(text) ? unusual() : text
}

/** Strict JSON with positions. */
class JsonReader {
  readonly #text: string
  readonly #file: string
  readonly #token =
    // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them inside text, and so does this
    /[ \n\r]*(?:([{}[\],:])|"((?:[^"\\\u0000-\u001f]|\\.)*)"|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)(?![\w.])|(true|false|null)(?!\w))/y
  #line = 1
  #lineStart = 0
  #scanned = 0

  constructor(text: string, file: string) {
    this.#text = text
    this.#file = file
  }

  document(): ManifestNode {
    const node = this.#node(this.#read(), 0)
    return this.#text.slice(this.#token.lastIndex).trim() === '' ? node : unusual()
  }

  #node(token: RegExpExecArray, depth: number): ManifestNode {
    if (depth > MAX_DEPTH) unusual()
    const [whole, mark, text, number, word] = token
    const at = this.#at(token.index + whole.length - whole.trimStart().length)
    if (mark === '{') return this.#map(at, depth)
    if (mark === '[') return this.#list(at, depth)
    if (mark !== undefined) unusual()
    if (text !== undefined) return { kind: 'scalar', value: unescaped(text), at }
    if (number !== undefined) return { kind: 'scalar', value: plainScalar(number), at }
    return { kind: 'scalar', value: word === 'null' ? null : word === 'true', at }
  }

  #list(at: Location, depth: number): ManifestNode {
    const items: ManifestNode[] = []
    let token = this.#read()
    if (token[1] === ']') return { kind: 'list', items, at }
    for (;;) {
      items.push(this.#node(token, depth + 1))
      const mark = this.#read()[1]
      if (mark === ']') return { kind: 'list', items, at }
      if (mark !== ',') unusual()
      token = this.#read()
    }
  }

  #map(at: Location, depth: number): ManifestNode {
    const entries: MapEntry[] = []
    const seen = new Set<string>()
    let token = this.#read()
    if (token[1] === '}') return { kind: 'map', entries, at }
    for (;;) {
      const key = unescaped(token[2] ?? unusual())
      const keyAt = this.#at(token.index + token[0].indexOf('"'))
      if (seen.has(key)) unusual()
      seen.add(key)
      if (this.#read()[1] !== ':') unusual()
      entries.push({ key, keyAt, value: this.#node(this.#read(), depth + 1) })
      const mark = this.#read()[1]
      if (mark === '}') return { kind: 'map', entries, at }
      if (mark !== ',') unusual()
      token = this.#read()
    }
  }

  #read(): RegExpExecArray {
    return this.#token.exec(this.#text) ?? unusual()
  }

  /** Positions are asked for in order, so the lines are counted once. */
  #at(offset: number): Location {
    for (
      let end = this.#text.indexOf('\n', this.#scanned);
      end !== -1 && end < offset;
      end = this.#text.indexOf('\n', this.#scanned)
    ) {
      this.#line++
      this.#lineStart = end + 1
      this.#scanned = end + 1
    }
    return { file: this.#file, line: this.#line, column: offset - this.#lineStart + 1 }
  }
}

function unescaped(text: string): string {
  if (!text.includes('\\')) return text
  // JSON and YAML agree on these; a bad escape is for the full parser to describe.
  if (!/^(?:[^\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*$/.test(text)) unusual()
  const value: unknown = JSON.parse(`"${text}"`)
  return typeof value === 'string' ? value : unusual()
}
