/** Small questions about values, patterns and names that the interpreter asks on its way. */

import type { Expression, Pattern, TryStatement } from '../parse/ir.ts'
import { pathOf } from '../parse/walk.ts'
import type { Called } from './called.ts'
import type { Place } from './facts.ts'
import { type ClassRef, fromRequest, has, type Value } from './value.ts'

/** `ctx.body = …` in Koa, `resp.media = …` in Falcon, `context.res = …` in Azure's older functions. */
export function isAnswer(base: Value | undefined, property: string, framework: string): boolean {
  if (framework === 'koa') return property === 'body' && (base?.role === 'context' || base?.role === 'response')
  if (framework === 'falcon') return base?.role === 'response' && /^(?:media|text|body|data)$/.test(property)
  return framework === 'serverless' && property === 'res'
}

/** `for await (const chunk of req)` */
export function isBodyStream(value: Value): boolean {
  return value.role === 'request' && value.object !== undefined && value.ref === 'request'
}

/** `getOrderId` reads `orderId`. */
export function beanName(property: string): string {
  const name = /^(?:get|is)([A-Z]\w*)$/.exec(property)?.[1]
  return name === undefined ? property : name.charAt(0).toLowerCase() + name.slice(1)
}

/** The first argument of most calls in Go, which says how long and for whom and never what. */
export function isContext(value: Value | undefined): boolean {
  return (
    value !== undefined &&
    value.origins.length === 0 &&
    /^(?:request\.Context\(\)|context\.\w+\(\))$/.test(value.ref ?? '')
  )
}

export function holdsAnswer(pattern: Pattern): boolean {
  return pattern.kind === 'name' && pattern.holds !== undefined
}

/** Several results are told apart by which of them are there: `nil, err` and `body, nil`. */
export function shapeOf({ items }: Value): string {
  return (items ?? [])
    .slice(0, 4)
    .map(({ literal: known, certain, check }) =>
      certain === true
        ? '+'
        : known === undefined
          ? check === undefined
            ? '?'
            : `c${check.check.id}${check.positive}`
          : `=${String(known.value)}`,
    )
    .join()
}

/** Nobody knows where it is read from, and its name says what it is: `const secret = process.argv[2]`. */
const SECRET_NAME =
  /^[$@_]*(?:web_?hook_?|wh_?|signing_?|shared_?|app_?|api_?|client_?|hmac_?|expected_?|configured_?|verify_?|github_?|gitlab_?|stripe_?|slack_?|shopify_?|paystack_?|razorpay_?|whats_?app_?|meta_?|facebook_?|fb_?)*(?:secret|signing_?key|hmac_?key)$/i

export function isSecretOnlyByName(name: string, value: Value): boolean {
  return (
    SECRET_NAME.test(name) &&
    value.origins.length === 0 &&
    Object.keys(value).every((key) => key === 'origins' || key === 'ref' || key === 'symbol' || key === 'saidOf')
  )
}

/** `string`, `[]byte`, `str | None`. */
export function isTextType(annotation: Expression | undefined): boolean {
  if (annotation === undefined) return false
  switch (annotation.kind) {
    case 'name':
    case 'member':
      return /^(?:string|String|str|bytes?|Buffer|SecretStr)$/.test(pathOf(annotation))
    case 'index':
      return /^(?:Optional|list|array)$/.test(pathOf(annotation.object)) && isTextType(annotation.index)
    case 'list':
      return annotation.items.length === 1 && isTextType(annotation.items[0])
    case 'binary':
      return isTextType(annotation.left) || isTextType(annotation.right)
    case 'unary':
      return isTextType(annotation.operand)
    default:
      return false
  }
}

export function secretNamed(name: string, at: Place): Value {
  return { origins: [{ kind: 'secret', secret: { from: 'config', name, at } }], symbol: `env:${name}` }
}

/** A socket out of a list is one of many: what is sent to it is sent to others. */
export function others(value: Value): Value {
  return value.role === 'socket' ? { ...value, ref: 'room' } : value
}

export function settled(value: Value): Value {
  if (value.promise === undefined) return value
  const { promise: _, ...rest } = value
  return rest
}

/** Objects that a framework makes available by name. */
const FLASK_GLOBALS = {
  request: 'request',
  session: 'session',
  current_user: 'session',
  g: 'session',
  websocket: 'socket',
}

export const FRAMEWORK_GLOBALS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  flask: FLASK_GLOBALS,
  'flask-socketio': FLASK_GLOBALS,
  bottle: { request: 'request', response: 'response' },
}

/** Its text speaks of what was sent, not of what went wrong inside. */
/** `record.credits + amount`: a number on either side, and one of them out of a record. */
export function addsToStored(left: Value, right: Value): true | undefined {
  const isText = [left, right].some((value) => typeof value.literal?.value === 'string')
  const isOld = (value: Value): boolean => has(value, 'stored') && value.literal === undefined
  const isMore = (value: Value): boolean => fromRequest(value) || typeof value.literal?.value === 'number'
  return !isText && ((isOld(left) && isMore(right)) || (isOld(right) && isMore(left))) ? true : undefined
}

export const CALLERS_DOING =
  /Signature|JSON|Json|ParserError|ParseError|DecodeError|UnexpectedValue|InvalidPayload|Validation|BadRequest|Unauthori[sz]ed|Forbidden|InvalidInput|InvalidRequest|InvalidParam|NotFound|^(?:Zod|Yup|Joi|Valibot|Vali|Ajv)\w*Error$/

export const CATCH_ALL = /^(?:Exception|BaseException|Error|HTTPException|APIException|HTTPError|StandardError)$/

export const DATA_ERRORS =
  /^(?:JSONDecodeError|KeyError|TypeError|AttributeError|IndexError|IntegrityError|UnicodeDecodeError|DoesNotExist|ValueError|ValidationError|SyntaxError|TimeoutError|ConnectionError|OperationalError)$/

/** pydantic's settings read each field from the environment. */
export function isSettingsClass(ref: ClassRef): boolean {
  return basesOf(ref).some((base) => /Settings$/.test(base))
}

export function basesOf(ref: ClassRef | undefined): readonly string[] {
  return ref === undefined ? [] : ref.cls.bases.map((base) => pathOf(base).split('.').at(-1) ?? '')
}

export function arithmetic(operator: string, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      return a / b
    case '**':
      return a ** b
    default:
      return Number.NaN
  }
}

/** A word that is a framework's object, or an attribute that was set: reading it calls nothing. */
export function isGiven({ callee, object }: Called): boolean {
  if (callee.closures !== undefined || callee.cls !== undefined) return false
  if (callee.role !== undefined) return callee.role !== 'response' && callee.settled !== true
  return object === undefined && callee.ref === undefined && (callee.literal !== undefined || callee.origins.length > 0)
}

export function pathFor(value: Value, callee: Expression): string {
  return value.ref ?? pathOf(callee)
}

/** It is there for a row that exists already: by its type, or by the code that the database gives. */
export function expectsConflict({ types, body }: Pick<TryStatement['handlers'][number], 'types' | 'body'>): boolean {
  return (
    types.some((type) => UNIQUE_VIOLATION.test(pathOf(type))) ||
    (types.length === 0 && UNIQUE_CODE.test(JSON.stringify(body)))
  )
}
const UNIQUE_VIOLATION =
  /IntegrityError|NotUnique|Unique(?:Constraint|Key)?Violation|UniqueViolat|Duplicate(?:Key|Entry)|DataIntegrityViolation/
const UNIQUE_CODE =
  /"value":"?(?:P2002|23505|11000|1062|ER_DUP_ENTRY|SQLITE_CONSTRAINT\w*|ConditionalCheckFailedException)"?|UniqueViolat|UniqueConstraint|DuplicateKey/

/** It is there for one who may not, or who asks for what is not his, and goes no further. */
export function turnsAway({ types, body }: Pick<TryStatement['handlers'][number], 'types' | 'body'>): boolean {
  return types.some((type) => NOT_FOR_HIM.test(pathOf(type))) && /^(?:return|throw)$/.test(body.at(-1)?.kind ?? '')
}
const NOT_FOR_HIM =
  /Permission|Forbidden|(?:Access|Not)_?(?:Denied|Allowed)|NotA?Member|Unauthori[sz]ed|NotAuthori[sz]ed/

/** Where jobs are kept, as far as a name tells. */
export const KEEPS_JOBS =
  /(?:^|[./_])(?:jobs?|tasks?|runs|exports?|reports?|results?)(?:_(?:store|db|registry|map|dict|status|results?))?$/i
