/** The parts of a parsed CEL expression, and where they stand in its text. */
import type { parse } from '@bufbuild/cel'

type Parsed = ReturnType<typeof parse>
export type Expr = NonNullable<Parsed['expr']>

/** Both from 1; columns count UTF-16 units, as editors do. */
export interface Position {
  readonly line: number
  readonly column: number
}

export function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/)
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 }
}

/** Where an expression stands. What a macro was expanded to has no place of its own and gets that of the macro. */
export function positionOf(text: string, parsed: Parsed, expr: Pick<Expr, 'id'>): Position {
  return positionAt(text, parsed.sourceInfo?.positions[expr.id.toString()] ?? 0)
}

export function childrenOf({ exprKind }: Expr): readonly Expr[] {
  switch (exprKind.case) {
    case 'selectExpr':
      return present([exprKind.value.operand])
    case 'callExpr':
      return present([exprKind.value.target, ...exprKind.value.args])
    case 'listExpr':
      return exprKind.value.elements
    case 'structExpr':
      return present(exprKind.value.entries.flatMap(({ keyKind, value }) => [mapKey(keyKind), value]))
    case 'comprehensionExpr': {
      const { iterRange, accuInit, loopCondition, loopStep, result } = exprKind.value
      return present([iterRange, accuInit, loopCondition, loopStep, result])
    }
    default:
      return []
  }
}

type KeyKind = Extract<Expr['exprKind'], { case: 'structExpr' }>['value']['entries'][number]['keyKind']

export function mapKey(kind: KeyKind): Expr | undefined {
  return kind.case === 'mapKey' ? kind.value : undefined
}

function present(exprs: readonly (Expr | undefined)[]): readonly Expr[] {
  return exprs.filter((expr) => expr !== undefined)
}
