/**
 * Stops without the secret, where the code went on without it.
 *
 * Best at start, beside the place where it is read; else where a request first needs it. What stood there for "nothing
 * is configured, let it through" becomes the refusal itself.
 */
import type { Place, SurfaceFacts } from '../flow/facts.ts'
import { fieldOf, namedOf, type SyntaxNode } from '../parse/syntax.ts'
import type { Draft, Edit } from './edits.ts'
import { inserted, replaced } from './edits.ts'
import type { Fixer } from './fixer.ts'
import {
  around,
  endsLine,
  functionAround,
  indentAt,
  nextLine,
  type SourceFile,
  statementAround,
} from './source-file.ts'
import { emptyTest, guard, refusal, type Stop, stopIn } from './stops.ts'

export const requiredSecret: Fixer = ({ at, surface }, sources) => {
  const secret = secretOf(at, surface.facts)
  const [use, read] = [sources(at.file), secret === undefined ? undefined : sources(secret.at.file)]
  if (secret === undefined || use === undefined) return []
  const stop: Stopping = (source, node) => stopIn(source, node, surface, secret.name)
  const edits = [
    refusedInstead(use, at, stop),
    read === undefined ? undefined : afterDefinition(read, secret.at, stop),
    beforeUse(use, at, secret, surface.facts, stop),
    withoutDefault(read, secret.at),
  ]
  return edits.flatMap((made): readonly Draft[] =>
    made === undefined ? [] : [{ description: `Stop when ${secret.name} is not set.`, edits: made }],
  )
}

type Stopping = (source: SourceFile, node: SyntaxNode) => Stop | undefined

interface NamedSecret {
  readonly name: string
  readonly at: Place
}

/** The secret that the finding is about: it lies there, is compared there, or is tested there. */
function secretOf(at: Place, facts: SurfaceFacts): NamedSecret | undefined {
  const open = facts.checks.flatMap((check) => check.openWithout.map((secret) => ({ check, secret })))
  const direct = open.find(({ check, secret }) => isSame(secret.at, at) || isSame(check.at, at))?.secret
  if (direct !== undefined) return direct
  const assumed = facts.effects
    .flatMap(({ reaches }) => reaches.flatMap(({ assumptions }) => assumptions))
    .find((one) => one.kind === 'secret-missing' && isSame(one.at, at))
  if (assumed === undefined) return undefined
  const known = facts.checks.flatMap(({ secrets }) => secrets).find(({ name }) => name === assumed.subject)
  return { name: assumed.subject, at: known?.at ?? at }
}

function isSame(a: Place, b: Place): boolean {
  return a.file === b.file && a.line === b.line && a.column === b.column
}

const CONDITIONAL = /^(?:if_statement|if|unless|if_modifier|unless_modifier)$/
const LETS_THROUGH =
  /^(?:return(?:\s+(?:true|True|nil|None))?|next\(\)|return\s+next\(\)|(?:return\s+)?await\s+next\(\))\s*;?$/

/** `if (!secret) return true`: the branch that lets through is the one that stops. */
function refusedInstead(source: SourceFile, at: Place, stop: Stopping): readonly Edit[] | undefined {
  const [tested] = source.nodesAt(at)
  const branch = tested === undefined ? undefined : around(source, tested, ({ type }) => CONDITIONAL.test(type))
  const body = branch === undefined ? undefined : (fieldOf(branch, 'consequence') ?? fieldOf(branch, 'body'))
  if (branch === undefined || body === undefined || fieldOf(branch, 'alternative') !== undefined) return undefined
  if (!/^(?:block|statement_block|compound_statement|then)$/.test(body.type)) return through(source, body, stop)
  const [only, ...others] = namedOf(body)
  return only === undefined || others.length > 0 ? undefined : through(source, only, stop)
}

function through(source: SourceFile, statement: SyntaxNode, stop: Stopping): readonly Edit[] | undefined {
  const text = source.textOf(statement)
  const how = LETS_THROUGH.test(text) ? stop(source, statement) : undefined
  if (how === undefined) return undefined
  const answersYes = /\btrue\b/i.test(text)
  const instead = refusal(source, how, answersYes)
  return [replaced(source, statement, instead.replace(/;$/, '') + (/;$/.test(text) ? ';' : ''))]
}

/** A value passes through it as it is, or as no less empty: `(x)`, `x || ''`, `x.encode()`, `[]byte(x)`. */
function passes(source: SourceFile, node: SyntaxNode): boolean {
  if (!PASSES.test(node.type)) return false
  if (!/^(?:call|call_expression|function_call_expression)$/.test(node.type)) return true
  const callee = fieldOf(node, 'function') ?? fieldOf(node, 'method')
  return callee !== undefined && CONVERTS.test(source.textOf(callee))
}
const PASSES =
  /^(?:parenthesized_expression|binary_expression|boolean_operator|non_null_expression|as_expression|call|call_expression|attribute|member_expression|argument_list|arguments|argument|type_conversion_expression|element_reference|subscript|subscript_expression|expression_list|function_call_expression|conditional_expression|binary|name|identifier|property_identifier|string)$/
const CONVERTS =
  /(?:^|\.)(?:encode|strip|trim|str|bytes|String|from|getenv|Getenv|get|getOrThrow|fetch|config|env|TrimSpace)$|^\[\]byte$/

const DEFINES =
  /^(?:assignment|variable_declarator|assignment_expression|var_spec|short_var_declaration|const_element)$/

function afterDefinition(source: SourceFile, at: Place, stop: Stopping): readonly Edit[] | undefined {
  const [read] = source.nodesAt(at)
  if (read === undefined) return undefined
  const definition = around(source, read, (node) => !passes(source, node))
  const target = definition === undefined ? undefined : (fieldOf(definition, 'left') ?? fieldOf(definition, 'name'))
  const statement = definition === undefined ? undefined : statementAround(source, definition)
  if (definition === undefined || target === undefined || statement === undefined) return undefined
  const name = source.textOf(target)
  if (!DEFINES.test(definition.type) || !/^[$@]?\w+$/.test(name) || !endsLine(source, statement)) return undefined
  if (source.parentOf(source.parentOf(statement) ?? source.root)?.type === 'class_definition') return undefined
  // A package of Go says at the handler that its variable is empty.
  if (source.language === 'go' && functionAround(source, statement) === undefined) return undefined
  const how = stop(source, statement)
  const test = emptyTest(source.language, name)
  if (how === undefined || test === undefined) return undefined
  const at_ = nextLine(source, statement)
  const lines = guard(source, how, test, indentAt(source, statement))
  return [
    inserted(source, at_, source.text[at_ - 1] === '\n' ? `${lines}${source.lineEnd}` : `${source.lineEnd}${lines}`),
  ]
}

/** In front of the statement that would go on without it. */
function beforeUse(
  source: SourceFile,
  at: Place,
  secret: NamedSecret,
  facts: SurfaceFacts,
  stop: Stopping,
): readonly Edit[] | undefined {
  const place = source.language === 'go' ? (digestPlace(facts, secret) ?? at) : at
  const [used] = place.file === source.file ? source.nodesAt(place) : []
  const statement = used === undefined ? undefined : statementAround(source, used)
  const test = statement === undefined ? undefined : testOf(source, at, secret)
  if (statement === undefined || test === undefined || functionAround(source, statement) === undefined) return undefined
  const how = stop(source, statement)
  if (how === undefined) return undefined
  const indent = indentAt(source, statement)
  return [
    inserted(source, statement.start, `${guard(source, how, test, indent).trimStart()}${source.lineEnd}${indent}`),
  ]
}

function digestPlace({ checks }: SurfaceFacts, secret: NamedSecret): Place | undefined {
  return checks.find(({ openWithout }) => openWithout.some(({ name }) => name === secret.name))?.digest?.at
}

/** The secret as it is written where it is read, without what stands in for it. */
function testOf(source: SourceFile, at: Place, secret: NamedSecret): string | undefined {
  const places = secret.at.file === source.file ? [secret.at, at] : [at]
  for (const place of places)
    for (const node of source.nodesAt(place).map((one) => wholeMember(source, one))) {
      const text = source.textOf(node)
      if (READS.test(text)) return emptyTest(source.language, definedName(source, node) ?? text.replace(FALLBACK, ')'))
    }
  return undefined
}

/** The place of a member is that of its name; the whole begins before it. */
function wholeMember(source: SourceFile, node: SyntaxNode): SyntaxNode {
  const parent = source.parentOf(node)
  const isName = parent !== undefined && /^(?:member_expression|attribute|selector_expression)$/.test(parent.type)
  return isName && node.start > parent.start ? wholeMember(source, parent) : node
}

const READS =
  /^(?:process\.env\.\w+|process\.env\[['"]\w+['"]\]|os\.environ\.get\([^()]*\)|os\.getenv\([^()]*\)|os\.Getenv\([^()]*\)|ENV\[['"]\w+['"]\]|[\w.]+)$/
const FALLBACK = /,\s*(?:""|''|None)\)$/

/** `var key = []byte(os.Getenv("KEY"))` is tested as `key`. */
function definedName(source: SourceFile, read: SyntaxNode): string | undefined {
  const definition = around(source, read, (node) => !passes(source, node))
  const target =
    definition === undefined || !DEFINES.test(definition.type)
      ? undefined
      : (fieldOf(definition, 'name') ?? fieldOf(definition, 'left'))
  const name = target === undefined ? undefined : source.textOf(target)
  return name !== undefined && /^\w+$/.test(name) ? name : undefined
}

/** `secret: str = ""` of a settings class: without the default, reading the settings fails. */
function withoutDefault(source: SourceFile | undefined, at: Place): readonly Edit[] | undefined {
  if (source?.language !== 'python') return undefined
  const [read] = source.nodesAt(at)
  const field = read === undefined ? undefined : around(source, read, ({ type }) => type === 'assignment')
  const value = field === undefined ? undefined : fieldOf(field, 'right')
  const type = field === undefined ? undefined : fieldOf(field, 'type')
  const isEmpty = value !== undefined && /^(?:""|''|None)$/.test(source.textOf(value))
  if (type === undefined || value === undefined || !isEmpty || source.textOf(type) !== 'str') return undefined
  return [replaced(source, { start: type.end, end: value.end }, '')]
}
