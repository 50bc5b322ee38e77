/** How large a body Flask, FastAPI and Starlette accept: none has a limit of its own. */

import type { Expression, Module } from '../parse/ir.ts'
import { bytesOf, entryOf, literalText, namedArg, pathOf, positional, walk } from '../parse/walk.ts'
import type { BodyHandling, Framework } from '../surface.ts'
import type { Project } from './framework.ts'

export const MADE_BY: Readonly<Record<string, Framework>> = {
  Flask: 'flask',
  Quart: 'flask',
  Blueprint: 'flask',
  APIFlask: 'flask',
  APIBlueprint: 'flask',
  Namespace: 'flask',
  Api: 'flask',
  FastAPI: 'fastapi',
  APIRouter: 'fastapi',
  Starlette: 'starlette',
  Router: 'starlette',
  Sanic: 'sanic',
  Bottle: 'bottle',
  Sock: 'flask',
  Sockets: 'flask',
}

const limits = new WeakMap<Project, Map<Framework, BodyHandling>>()

/** The same for every route of a project, so worked out once. */
export function bodyOf(project: Project, framework: Framework): BodyHandling {
  const known = limits.get(project) ?? new Map<Framework, BodyHandling>()
  limits.set(project, known)
  const body = known.get(framework) ?? readLimit(project, framework)
  known.set(framework, body)
  return body
}

/** None of these has a limit of its own (Bottle has one for what it parses); whether one was set is known only where the application is in view. */
function readLimit(project: Project, framework: Framework): BodyHandling {
  if (framework === 'bottle') return { body: 'raw', limit: undefined }
  let limit: number | null | undefined
  let at: Pick<BodyHandling, 'limitAt' | 'file'> = {}
  let app: Pick<BodyHandling, 'parserAt' | 'file'> | undefined
  let elsewhere = false
  const set = (value: Expression, module: Module): void => {
    limit = value.kind === 'literal' && value.value === null ? null : (bytesOf(value) ?? undefined)
    elsewhere ||= limit === undefined
    at = { limitAt: value.at, file: module.file }
  }
  for (const module of project.modules) {
    if (module.language !== 'python') continue
    walk(module, {
      assign: (target, value) => {
        const named = target.kind === 'name' ? target.name : undefined
        const key =
          target.kind === 'place' && target.target.kind === 'index' ? literalText(target.target.index) : undefined
        if (named === 'MAX_CONTENT_LENGTH' || key === 'MAX_CONTENT_LENGTH') set(value, module)
      },
      call: (call) => {
        const name = pathOf(call.callee).split('.').at(-1) ?? ''
        if (MADE_BY[name] === framework && !/^(?:Blueprint|APIRouter|Namespace|Router)$/.test(name))
          app = { parserAt: call.at, file: module.file }
        if (/^(?:from_object|from_pyfile|from_envvar|from_prefixed_env|from_file|init_app)$/.test(name))
          elsewhere = true
        if (/Limit\w*Middleware|\w*(?:Size|Length|Body)\w*Limit\w*/.test(positional(call).map(pathOf).join(' ')))
          elsewhere = true
        const value = namedArg(call, 'MAX_CONTENT_LENGTH') ?? entryOf(positional(call)[0], 'MAX_CONTENT_LENGTH')
        if (value !== undefined) set(value, module)
      },
    })
  }
  if (limit === undefined && app !== undefined && !elsewhere) return { body: 'raw', limit: null, ...app }
  return { body: 'raw', limit, ...at }
}
