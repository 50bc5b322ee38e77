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

const PYTHON =
  /\b(?:flask|quart|fastapi|starlette|django|rest_framework|ninja|channels|sanic|aiohttp|tornado|bottle|falcon|socketio|flask_sock|lambda_handler|functions_framework|APIRouter|Blueprint|urlpatterns|MethodView|WebsocketConsumer)\b|def \w*handler\w*\(\s*event\b/
const SCRIPT =
  /\b(?:express|fastify|koa|hono|elysia|@nestjs|next|createServer|socket\.io|WebSocketServer|NextRequest|NextResponse|NextApiRequest|APIGatewayProxy\w+)\b|\.(?:get|post|put|patch|delete|all|use|route)\(\s*['"`/]|exports\.\w*[hH]andler\b|\bexport\s+(?:default|const\s+(?:handler|GET|POST|PUT|PATCH|DELETE|loader|action)\b|(?:async\s+)?function\s+(?:handler|GET|POST|PUT|PATCH|DELETE|loader|action)\b)|@(?:Controller|WebSocketGateway|SubscribeMessage|Sse)\b|(?:Deno|Bun)\.serve|addEventListener\(\s*['"]fetch|\bws\b|['"]ws['"]|module\.exports/

const PATTERNS: Readonly<Record<Language, RegExp>> = {
  python: PYTHON,
  javascript: SCRIPT,
  typescript: SCRIPT,
  go: /net\/http|gin-gonic|labstack\/echo|go-chi|gofiber|gorilla\/|coder\/websocket|nhooyr/,
  ruby: /Controller\b|Sinatra|sinatra|ActionCable|ApplicationCable|routes\.draw|\b(?:get|post|put|patch|delete)\s+['"]\//,
  php: /php:\/\/input|\$_(?:POST|GET|SERVER|REQUEST)|Route::|Controller\b|->getContent\(|Illuminate|Symfony|Slim\\/,
  java: /org\.springframework|@(?:RestController|Controller|PostMapping|RequestMapping)|HttpServlet|javax\.ws\.rs|jakarta\.ws\.rs|WebSocket/,
}

export function mayDeclareSurface(language: Language, text: string, file: string): boolean {
  return PATTERNS[language].test(text) || /(?:^|\/)(?:pages\/api|app)\/.*\.[jt]sx?$/.test(file)
}
