/** Which files are worth parsing, told from names and raw text: cheap, and wrong only in one direction. */
import type { Language } from '../parse/ir.ts'

const FOLDERS: Readonly<Record<string, RegExp>> = {
  vendored:
    /^(?:node_modules|bower_components|vendor|third_party|site-packages|\.venv|venv|env|virtualenv|\.tox|Pods|\.yarn|\.pnpm-store)$/,
  generated:
    /^(?:dist|build|out|target|\.next|\.nuxt|\.output|coverage|__pycache__|\.mypy_cache|\.pytest_cache|\.turbo|\.cache|generated|__generated__|migrations)$/,
  hidden: /^\.(?!well-known$)[\w.-]+$/,
  tests: /^(?:tests?|__tests__|__mocks__|spec|specs|e2e|testdata|fixtures|cypress)$/,
}

const FILES: Readonly<Record<string, RegExp>> = {
  minified: /\.min\.[cm]?js$|[-.]bundle\.js$/,
  generated: /\.d\.[cm]?ts$|_pb2(?:_grpc)?\.py$|\.pb\.go$|\.generated\.\w+$|_generated\.\w+$/,
  tests:
    /\.(?:test|spec|stories|e2e|cy)\.[cm]?[jt]sx?$|^(?:test_.*|.*_test|conftest)\.py$|_test\.go$|_spec\.rb$|Test\.(?:php|java)$/,
}

/** Why a folder is passed over; `undefined` when it is not. */
export function isSkippedFolder(name: string): string | undefined {
  return Object.entries(FOLDERS).find(([, pattern]) => pattern.test(name))?.[0]
}

export function isSkippedFile(name: string): string | undefined {
  return Object.entries(FILES).find(([, pattern]) => pattern.test(name))?.[0]
}

const PYTHON = anyOf(
  /^[ \t]*(?:from|import)\s+(?:flask\w*|quart\w*|fastapi|starlette|django|rest_framework|ninja|channels|sanic|litestar|chalice|tornado|bottle|falcon|azure|\w*socketio|websockets|functions_framework)\b/,
  /\bBaseHTTPRequestHandler\b|\baiohttp\s+import\s+web\b|\baiohttp\.web\b/,
  /\b(?:APIRouter|Blueprint)\s*\(|\blambda_handler\s*[=(]|\b(?:urlpatterns|MethodView|WebsocketConsumer)\b/,
  /^class\s+\w+\([^)]*(?:View|ViewSet)\b/,
  /def \w+\(\s*_?event\b[^)]*\bcontext\b|def \w*handler\w*\(\s*event\b/,
  /@\w*(?:app|router|api|bp|blueprint|sock|mcp)\w*\.(?:route|custom_route|get|post|put|patch|delete|websocket)\(/,
)

const SCRIPT = anyOf(
  /(?:\bfrom|\brequire\s*\(|\bimport\s*\(?)\s*['"](?:express|fastify|koa|hono|elysia|next|micro|h3|koa-router|@koa\/router|restify|polka|find-my-way|aws-lambda|ws|socket\.io|uWebSockets\.js|probot|octokit|@octokit\/webhooks|convex\/server|@slack\/(?:bolt|events-api|interactive-messages)|[\w-]*web-?hook(?:s|-handler|-middleware)?|@(?:nestjs|hapi|fastify|hono|koa)\/[\w-]+|[\w@/-]*functions[\w-]*)(?:\/[\w./-]+)?['"]/,
  /\b(?:express|fastify|Fastify)\(|\bcreateServer\b|\bWebSocketServer\b|\bNext(?:Request|Response|Api\w+)\b|\bAPIGatewayProxy\w+|\bNestFactory\b/,
  /\bwss\b|\bws\.on\(|\.on\(\s*['"]connection['"]/,
  /(?<!\b(?:axios|http)|[cC]lient)\.(?:get|post|put|patch|delete|all|use|route)\(\s*['"`][/*]/,
  /(?:[aA]pp|[rR]outer|[rR]outes|[sS]erver|[aA]pi|fastify|instance)\.(?:get|post|put|patch|delete|all|use|route)\(/,
  /exports\.(?:\w*[hH]andler|GET|POST|PUT|PATCH|DELETE)\b/,
  /\bexport\s*\{[^}]*\b(?:\w*[hH]andler|GET|POST|PUT|PATCH|DELETE|loader|action)\b/,
  /\bexport\s+(?:const|(?:async\s+)?function)\s+onRequest(?:Get|Post|Put|Patch|Delete)?\b/,
  /\bexport\s+(?:const\s+(?:\w*[hH]andler|GET|POST|PUT|PATCH|DELETE|loader|action)\b|(?:async\s+)?function\s+(?:\w*[hH]andler|GET|POST|PUT|PATCH|DELETE|loader|action)\b)/,
  /@(?:Controller|WebSocketGateway|SubscribeMessage|Sse|Module)\b/,
  /\b_?req(?:uest)?\w*\b[^,()]{0,40},\s*_?(?:res(?:ponse)?|reply)\b/,
  /\b(?:defineEventHandler|eventHandler|define\w+Handler|createFileRoute|createAPIFileRoute|createServerFileRoute)\(/,
  /\bexport\s+(?:const|(?:async\s+)?function)\s+\w*[hH]ook\w*[^;{}]{0,60}:\s*(?:Next)?Request\b/,
  /(?:Deno|Bun)\.serve|deno\.land\/std[^'"]*\/http\/|jsr:@std\/http|addEventListener\(\s*['"]fetch/,
)

/** What a file gives to others is a handler only when something in it takes a request and answers, or an event. */
const GIVES = /\bmodule\.exports\b|\bexport\s+default\b/
const TAKES_REQUEST = anyOf(
  /\b(?:module\.exports(?:\.\w+)?\s*=|export\s+default)\s+(?:async\s+)?(?:function\b\s*\w*\s*)?\(?\s*\{?\s*_?(?:req|request|ctx|context|event|evt|c)\b/,
  /\bfetch\s*\(\s*_?req/,
)
const ANSWERS_EVENT = /\b(?:event|evt)\b[\s\S]*\bstatusCode\b/

/** Much code hands a context around; that of a request is asked for what came, or given the answer. */
const TAKES_CONTEXT = /\(\s*ctx(?:\s*:\s*[\w.<>]+)?\s*\)\s*(?:=>|\{)/
const USES_CONTEXT =
  /\bctx\.(?:req(?:uest)?|res(?:ponse)?|body|status|params|query|method|headers?|path|url|set|get|throw|state|json|text|send|reply|cookies|ip|session|user)\b|\{[^{}]*\b(?:req(?:uest)?|body|params|query|headers)\b[^{}]*\}\s*=\s*ctx\b/

/** Code that calls addresses which others registered is no route, and a back gate all the same. */
const SENDS = /^[ \t]*(?:from|import)\s+(?:requests|httpx|aiohttp|urllib3?)\b/m
const KEPT_ADDRESS = /web_?hook|callback|subscri|target_url|\bendpoint/i
const CALLS = /\.(?:post|put|patch|request|send|urlopen)\(|\burlopen\(|\b(?:requests|httpx|session|client)\.get\(/

const PATTERNS: Readonly<Record<Language, RegExp>> = {
  python: PYTHON,
  javascript: SCRIPT,
  typescript: SCRIPT,
  go: /net\/http|aws-lambda-go|gin-gonic|labstack\/echo|go-chi|gofiber|gorilla\/|coder\/websocket|nhooyr/,
  ruby: /Controller\b|Sinatra|sinatra|ActionCable|ApplicationCable|routes\.draw|\b(?:get|post|put|patch|delete)\s+['"]\//,
  php: /php:\/\/input|\$_(?:POST|GET|SERVER|REQUEST)|Route::|Controller\b|->getContent\(|Illuminate|Symfony|Slim\\|register_rest_route|WP_REST_Request/,
  java: /org\.springframework|@(?:RestController|Controller|PostMapping|RequestMapping)|HttpServlet|javax\.ws\.rs|jakarta\.ws\.rs|WebSocket/,
}

const SCRIPT_SENDS = /\b(?:fetch|axios|got|needle|superagent|undici|request|https?)\b/
/** The member first and what it belongs to behind it: asked of every file, the other way round it costs ten times as much. */
const SCRIPT_KEPT_ADDRESS =
  /\.(?:url|uri|endpoint|target)\b(?<=(?:[hH]ook|[sS]ub|[eE]ndpoint|[cC]allback|[dD]estination|[tT]arget|[lL]istener)\w*\??\.\w+)|\.(?:callback|webhook|target|hook|endpoint|destination)_?[uU]r[li]\b/

export function mayDeclareSurface(language: Language, text: string, file: string): boolean {
  if (
    language === 'python' &&
    ((SENDS.test(text) && CALLS.test(text) && KEPT_ADDRESS.test(text)) || /['"]public-read/.test(text))
  )
    return true
  if (language === 'python' && /(?:^|\/)main\.py$/.test(file) && /^def \w+\(req(?:uest)?\)/m.test(text)) return true
  if (language === 'python' && /(?:^|\/)\w*settings\w*(?:\/\w+)?\.py$/.test(file)) return true
  if (PATTERNS[language] === SCRIPT && GIVES.test(text) && (TAKES_REQUEST.test(text) || ANSWERS_EVENT.test(text)))
    return true
  if (PATTERNS[language] === SCRIPT && TAKES_CONTEXT.test(text) && USES_CONTEXT.test(text)) return true
  if (PATTERNS[language] === SCRIPT && !/x$/.test(file) && SCRIPT_SENDS.test(text) && SCRIPT_KEPT_ADDRESS.test(text))
    return true
  return PATTERNS[language].test(text) || /(?:^|\/)(?:pages\/api|app)\/.*\.[jt]sx?$/.test(file)
}

function anyOf(...patterns: readonly RegExp[]): RegExp {
  return new RegExp(patterns.map(({ source }) => `(?:${source})`).join('|'), 'm')
}
