/**
 * What every rule carries, whatever it looks at: all that a reader needs to judge a finding and to mend it.
 *
 * A rule carries its proof: without a bad and a good example it does not compile, and every example is scanned by
 * the tests and printed on the rule's page. `good` holds the shapes that look alike and are right.
 */
import type { ControlId } from '../../catalogue/catalogue.ts'
import type { OwaspId } from '../../catalogue/references.ts'
import type { Severity } from '../../catalogue/severity.ts'
import type { SurfaceStyle } from '../../catalogue/surfaces.ts'
import type { Confidence } from '../../catalogue/terms.ts'
import type { Language } from '../code/parse/ir.ts'

export type ExampleLanguage = Language | 'yaml' | 'json'

interface Example<L extends ExampleLanguage> {
  readonly language: L
  /** The file as a person would name it; the usual name of the language where nothing depends on it. */
  readonly file?: string
  readonly code: string
  /** A second file that is scanned with it. */
  readonly beside?: { readonly language: ExampleLanguage; readonly file: string; readonly code: string }
}

export interface BadExample<L extends ExampleLanguage = ExampleLanguage> extends Example<L> {
  /** A piece of the line that is reported; it stands once in the code. */
  readonly at: string
  /** What is reported there, word for word. */
  readonly says: string
  /** Other rules that rightly find something in it; nothing else may. */
  readonly also?: readonly string[]
}

/** Looks alike and is right: no rule finds anything in it. */
export interface GoodExample<L extends ExampleLanguage = ExampleLanguage> extends Example<L> {
  readonly why: string
}

/** Frameworks whose way of mending a fault may be their own. */
export const FIX_FRAMEWORKS = [
  'express',
  'fastify',
  'koa',
  'hono',
  'nestjs',
  'next.js',
  'node:http',
  'ws',
  'socket.io',
  'flask',
  'fastapi',
  'django',
  'go',
  'rails',
  'laravel',
  'spring',
] as const
export type FixFramework = (typeof FIX_FRAMEWORKS)[number]

export interface RuleText<L extends ExampleLanguage = ExampleLanguage> {
  readonly id: string
  /** The control whose failure it shows; `controlFor` where that is another one for a style. */
  readonly control: ControlId
  readonly controlFor?: Readonly<Partial<Record<SurfaceStyle, ControlId>>>
  readonly title: string
  readonly severity: Severity
  readonly confidence: Confidence
  readonly cwe: readonly [number, ...number[]]
  readonly owasp: readonly [OwaspId, ...OwaspId[]]
  readonly styles: readonly [SurfaceStyle, ...SurfaceStyle[]]
  /** The attack and what it gains, in two or three sentences. */
  readonly why: string
  /** What decides, in one or two sentences. */
  readonly looksAt: string
  /** `any`, and where a framework has its own way, that. */
  readonly fix: { readonly any: string } & Readonly<Partial<Record<FixFramework, string>>>
  /** When the rule is wrong or silent on purpose. */
  readonly limits: string
  readonly bad: readonly [BadExample<L>, ...BadExample<L>[]]
  readonly good: readonly [GoodExample<L>, ...GoodExample<L>[]]
}
