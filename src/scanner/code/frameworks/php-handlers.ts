/** What a handler in PHP is and what its parameters are, whichever framework calls it. */
import type { ClassIr, FunctionIr, Module, Param } from '../parse/ir.ts'
import type { ChainStep, ParamRole } from '../surface.ts'

export interface Handler {
  readonly fn: FunctionIr
  readonly module: Module
  readonly cls: ClassIr | undefined
}

export interface InModule {
  readonly cls: ClassIr
  readonly module: Module
}

export function handlerStep(
  { fn, module, cls }: Handler,
  path: string | undefined,
  within: readonly FunctionIr[],
): ChainStep {
  return {
    role: 'handler',
    run: { module, fn: { ...fn, decorators: [] }, ...(cls === undefined ? { within } : { cls }) },
    binds: fn.params.map((param) => paramRole(param, path)),
  }
}

export const REQUEST_TYPE =
  /(?:^|\\)(?:\w*Request|RequestStack|ServerRequestInterface|RequestInterface|WP_REST_Request)$/

function paramRole(param: Param, path: string | undefined): ParamRole {
  const type = param.annotation?.kind === 'name' ? param.annotation.name : ''
  const name = param.pattern.kind === 'name' ? param.pattern.name.replace(/^\$/, '') : ''
  if (REQUEST_TYPE.test(type) || (type === '' && /^(?:request|req)$/.test(name))) return 'request'
  if (/(?:^|\\)(?:\w*Response|ResponseInterface)$/.test(type)) return 'response'
  if (new RegExp(`\\{${name.replace(/\W/g, '')}[}:?]`).test(path ?? '')) return { field: 'path', name }
  if (type === '' || /^(?:string|int|array|mixed)$/.test(type))
    return name === 'args' ? 'path' : { field: 'path', name }
  return 'injected'
}
