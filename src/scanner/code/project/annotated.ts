/** `CurrentUser = Annotated[User, Depends(get_current_user)]`: what the name of a type stands for, where it was given. */

import type { ClassIr, Expression, Module } from '../parse/ir.ts'
import { pathOf } from '../parse/walk.ts'
import type { Program } from './program.ts'

export interface Spelled {
  readonly annotation: Expression | undefined
  /** The names in the annotation are those of this module. */
  readonly module: Module
  /** The name as written, where it comes from a module that is not in sight. */
  readonly outside?: string
}

export function spelledOut(
  annotation: Expression | undefined,
  module: Module,
  program: Pick<Program, 'declaration' | 'exported'>,
): Spelled {
  if (annotation?.kind !== 'name' && annotation?.kind !== 'member') return { annotation, module }
  const declared = declaredAs(annotation, module, program)
  if (declared?.kind === 'outside') return { annotation, module, outside: pathOf(annotation).split('.').at(-1) ?? '' }
  const isAlias =
    declared?.kind === 'value' &&
    declared.value.kind === 'index' &&
    /(?:^|\.)Annotated$/.test(pathOf(declared.value.object))
  return isAlias ? { annotation: declared.value, module: declared.module } : { annotation, module }
}

function declaredAs(
  annotation: Extract<Expression, { kind: 'name' | 'member' }>,
  module: Module,
  program: Pick<Program, 'declaration' | 'exported'>,
): ReturnType<Program['declaration']> {
  if (annotation.kind === 'name') return program.declaration(module, annotation.name)
  const owner = annotation.object.kind === 'name' ? program.declaration(module, annotation.object.name) : undefined
  return owner?.kind === 'module' ? program.exported(owner.module, annotation.property) : owner
}

/** A model whose validators look at where an address leads: `@field_validator('url')`, `Annotated[HttpUrl, AfterValidator(…)]`. */
export function modelAsksAddress(
  annotation: Expression | undefined,
  module: Module,
  program: Pick<Program, 'declaration' | 'exported'>,
): boolean {
  if (annotation?.kind !== 'name' && annotation?.kind !== 'member') return false
  const declared = declaredAs(annotation, module, program)
  if (declared?.kind !== 'class') return false
  const known = asking.get(declared.cls)
  if (known !== undefined) return known
  const validators = declared.cls.methods.filter(({ decorators }) =>
    decorators.some((one) =>
      /(?:^|\.)(?:field_validator|model_validator|validator|root_validator)$/.test(
        pathOf(one.kind === 'call' ? one.callee : one),
      ),
    ),
  )
  const found = validators.some(({ body }) => LOOKS_AT_ADDRESS.test(JSON.stringify(body)))
  asking.set(declared.cls, found)
  return found
}
const asking = new WeakMap<ClassIr, boolean>()
const LOOKS_AT_ADDRESS =
  /"(?:\w*getaddrinfo|gethostbyname\w*|is_private|is_global|\w*ssrf\w*|\w*(?:public|safe|external|allowed)_?(?:url|host|address|target)\w*|(?:validate|check|assert|ensure)_\w*(?:url|host|address|target)\w*)"/i
