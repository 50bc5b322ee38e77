/** Which surfaces are found in JavaScript and TypeScript: framework, route, line, and what stands before the handler. */
import { describe, expect, test } from 'vitest'
import { loadGrammars } from '../parse/grammars.ts'
import { languageOf } from '../parse/languages.ts'
import { createProgram } from '../project/program.ts'
import { parsingTree } from '../project/source-tree.ts'
import { DISCOVERIES } from './registry.ts'

const grammars = await loadGrammars(new Set(['javascript', 'typescript', 'tsx']))

type Files = Readonly<Record<string, string>>

/** As `framework METHOD /route file:line role,role`. */
function discovered(files: Files): readonly string[] {
  const tree = parsingTree(
    (path) => files[path],
    (path) => Object.hasOwn(files, path),
    grammars,
    () => 0,
  )
  const modules = Object.keys(files).flatMap((path) =>
    languageOf(path) === undefined ? [] : (tree.module(path) ?? []),
  )
  const project = { program: createProgram(tree), modules }
  return modules.flatMap((module) =>
    DISCOVERIES.flatMap((discover) => discover(module, project)).map(
      ({ framework, methods, path, at, chain }) =>
        `${framework} ${methods.join('|') || '*'} ${path ?? '-'} ${module.file}:${at.line} ${chain.map(({ role }) => role).join()}`,
    ),
  )
}

const NODE_HANDLER = 'async (req, res) => { res.end(await save(req.body)) }'

describe('Next.js', () => {
  test.each<[string, Files, readonly string[]]>([
    [
      'a route file gives one surface a method',
      {
        'src/app/(shop)/api/hooks/[shop]/route.ts':
          'export async function GET() {}\nexport const POST = async (req: Request) => {}',
      },
      [
        'next.js GET /api/hooks/[shop] src/app/(shop)/api/hooks/[shop]/route.ts:1 handler',
        'next.js POST /api/hooks/[shop] src/app/(shop)/api/hooks/[shop]/route.ts:2 handler',
      ],
    ],
    [
      'the wrapper of a package is looked through',
      {
        'app/api/jobs/route.ts':
          "import { withAxiom } from 'next-axiom'\nasync function handler(req: Request) {}\nexport const POST = withAxiom(handler)",
      },
      ['next.js POST /api/jobs app/api/jobs/route.ts:3 handler'],
    ],
    [
      'a pages route answers every method',
      {
        'pages/api/hooks/index.ts':
          'export const config = { api: { bodyParser: false } }\nexport default async function handler(req, res) {}',
      },
      ['next.js * /api/hooks pages/api/hooks/index.ts:2 handler'],
    ],
    [
      'middleware.ts runs first where its matcher says so',
      {
        'middleware.ts': "export function middleware(req) {}\nexport const config = { matcher: '/api/:path*' }",
        'app/api/a/route.ts': 'export async function POST(req) {}',
        'app/b/route.ts': 'export async function POST(req) {}',
      },
      ['next.js POST /api/a app/api/a/route.ts:1 middleware,handler', 'next.js POST /b app/b/route.ts:1 handler'],
    ],
  ])('%s', (_, files, expected) => expect(discovered(files)).toEqual(expected))
})

test('a parser’s hook stands before what has a body, and before no GET', () => {
  const hook = `(req, res, bytes) => { if (sign(bytes) !== req.get('x-sig')) throw new Error() }`
  const code = `const express = require('express')
const app = express()
app.use(express.json({ verify: ${hook} }))
app.get('/hook', (req, res) => res.send(req.query.challenge))
app.post('/hook', ${NODE_HANDLER})`
  expect(discovered({ 'app.js': code })).toEqual([
    'express GET /hook app.js:4 middleware,handler',
    'express POST /hook app.js:5 dependency,middleware,handler',
  ])
})

describe('servers without a router', () => {
  test.each<[string, Files, readonly string[]]>([
    [
      'the addresses a handler compares are its routes',
      {
        'server.js': `const http = require('http')
http.createServer((req, res) => {
  if (req.method === 'POST' && req.url === '/hooks/a') return res.end()
  if (req.method !== 'GET' || req.url !== '/health') return res.end()
}).listen(80)`,
      },
      ['node:http POST /hooks/a server.js:2 handler', 'node:http GET /health server.js:2 handler'],
    ],
    [
      'also in a function that the handler calls, and in a switch',
      {
        'server.mjs': `import { createServer } from 'node:http'
function route(req, res) { switch (req.url) { case '/a': return res.end(); case '/b': return res.end() } }
createServer((req, res) => route(req, res))`,
      },
      ['node:http * /a server.mjs:3 handler', 'node:http * /b server.mjs:3 handler'],
    ],
    [
      'an application is no handler',
      { 'a.js': "const http = require('http')\nconst app = require('./app')\nhttp.createServer(app)" },
      [],
    ],
    [
      'Deno and Bun',
      {
        'supabase/functions/hook/index.ts': 'Deno.serve(async (req) => new Response())',
        'b.ts': 'Bun.serve({ fetch(req) { return new Response() } })',
      },
      ['serverless * /hook supabase/functions/hook/index.ts:1 handler', 'serverless * - b.ts:1 handler'],
    ],
  ])('%s', (_, files, expected) => expect(discovered(files)).toEqual(expected))
})

describe('functions of a platform', () => {
  test.each<[string, Files, readonly string[]]>([
    [
      'Lambda by its event',
      { 'hook.js': 'exports.handler = async (event) => { return { statusCode: 200, body: event.body } }' },
      ['serverless * - hook.js:1 handler'],
    ],
    [
      'Lambda under another name',
      { 'hook.mjs': 'export async function receive({ headers, body }) { return { statusCode: 204 } }' },
      ['serverless * - hook.mjs:1 handler'],
    ],
    [
      'Lambda in middy',
      {
        'h.ts':
          "import middy from '@middy/core'\nexport const handler = middy(async (event) => ({ statusCode: 200, body: event.body })).use(x())",
      },
      ['serverless * - h.ts:2 handler'],
    ],
    [
      'no function of a queue',
      {
        'q.ts':
          "import type { SQSEvent } from 'aws-lambda'\nexport const handler = async (event: SQSEvent) => { for (const r of event.Records) save(r.body) }",
      },
      [],
    ],
    [
      'Netlify by its folder',
      {
        'netlify/functions/slash.ts': 'export const handler = async (event) => ({ statusCode: 200, body: event.body })',
      },
      ['serverless * /.netlify/functions/slash netlify/functions/slash.ts:1 handler'],
    ],
    [
      'Vercel by its folder',
      {
        'api/hook.ts':
          'export default async function handler(req: VercelRequest, res: VercelResponse) { res.end(req.body) }',
      },
      ['serverless * /api/hook api/hook.ts:1 handler'],
    ],
    [
      'Workers, by what they compare',
      {
        'w.ts':
          "export default { async fetch(request, env) { const { pathname } = new URL(request.url)\nif (request.method !== 'POST' || pathname !== '/hook') return new Response() } }",
      },
      ['serverless POST /hook w.ts:1 handler'],
    ],
    [
      'Azure',
      {
        'f.ts':
          "import { app } from '@azure/functions'\napp.http('orders', { methods: ['POST'], handler: async (request) => ({}) })",
      },
      ['serverless POST /api/orders f.ts:2 handler'],
    ],
    [
      'Google Cloud',
      { 'g.js': `const f = require('@google-cloud/functions-framework')\nf.http('track', ${NODE_HANDLER})` },
      ['serverless * /track g.js:2 handler'],
    ],
    [
      'Firebase',
      {
        'i.js': `const functions = require('firebase-functions')\nexports.pay = functions.https.onRequest(${NODE_HANDLER})`,
      },
      ['serverless * /pay i.js:2 handler'],
    ],
    [
      'a controller that no router mounts',
      { 'hook.controller.js': `exports.stripeWebhook = ${NODE_HANDLER}` },
      ['express * - hook.controller.js:1 handler'],
    ],
    [
      'a controller that a router mounts is found once',
      {
        'c.js': `exports.hook = ${NODE_HANDLER}`,
        'r.js':
          "const express = require('express')\nconst { hook } = require('./c')\nconst router = express.Router()\nrouter.post('/hook', hook)",
      },
      ['express POST /hook r.js:4 handler'],
    ],
  ])('%s', (_, files, expected) => expect(discovered(files)).toEqual(expected))
})

describe('NestJS', () => {
  const controller = `import { Controller, Post, UseGuards, UseInterceptors, Body } from '@nestjs/common'
import { A } from './a'
@Controller('hooks')
@UseGuards(A)
export class Hooks {
  @Post('pay')
  @UseGuards(B)
  pay(@Body() body) {}
}`
  test.each<[string, Files, readonly string[]]>([
    ['guards of class and method', { 'h.ts': controller }, ['nestjs POST /hooks/pay h.ts:6 guard,guard,handler']],
    [
      'the prefix and the guards of the application, and middleware of modules',
      {
        'h.ts': controller,
        'main.ts':
          "import { NestFactory } from '@nestjs/core'\nasync function main() { const app = await NestFactory.create(M)\napp.setGlobalPrefix('api')\napp.useGlobalGuards(new G()) }",
        'm.ts':
          "import { Module } from '@nestjs/common'\n@Module({ providers: [{ provide: APP_GUARD, useClass: H }] })\nexport class M { configure(consumer) { consumer.apply(Raw).forRoutes(Hooks) ; consumer.apply(Other).forRoutes('else') } }",
      },
      ['nestjs POST /api/hooks/pay h.ts:6 middleware,guard,guard,guard,guard,handler'],
    ],
    [
      'decorators of the project are opened',
      {
        'd.ts':
          "import { applyDecorators, UseGuards, Controller, Post } from '@nestjs/common'\nconst Signed = () => applyDecorators(UseGuards(G))\n@Controller()\nexport class C { @Post() @Signed() x() {} }",
      },
      ['nestjs POST / d.ts:4 guard,handler'],
    ],
    [
      'a gateway with its messages',
      {
        'g.ts':
          "import { WebSocketGateway, SubscribeMessage } from '@nestjs/websockets'\n@WebSocketGateway({ namespace: 'chat', allowRequest: f })\nexport class G { handleConnection(client) {}\n@SubscribeMessage('say') say(client, data) {} }",
      },
      ['nestjs * /chat g.ts:2 middleware,connection,message'],
    ],
  ])('%s', (_, files, expected) => expect(discovered(files)).toEqual(expected))
})

describe('sockets', () => {
  test.each<[string, Files, readonly string[]]>([
    [
      'ws',
      {
        'a.js':
          "const { WebSocketServer } = require('ws')\nconst wss = new WebSocketServer({ path: '/live', verifyClient: (info) => true })\nwss.on('connection', (ws) => { ws.on('message', f) })",
      },
      ['ws * /live a.js:3 guard,connection'],
    ],
    [
      'an upgrade of one’s own',
      {
        'a.mjs':
          "import { WebSocketServer } from 'ws'\nconst wss = new WebSocketServer({ noServer: true })\nserver.on('upgrade', (req, s, h) => { wss.handleUpgrade(req, s, h, (ws) => ws.on('message', f)) })",
      },
      ['ws * - a.mjs:3 connection'],
    ],
    [
      'Socket.IO with a namespace',
      {
        'b.ts':
          "import { Server } from 'socket.io'\nconst io = new Server(http)\nconst chat = io.of('/chat')\nchat.use(auth)\nchat.on('connection', (socket) => { socket.on('say', f) })",
      },
      ['socket.io * /chat b.ts:5 middleware,connection'],
    ],
    [
      'Socket.IO made elsewhere',
      { 'c.js': "module.exports = (io) => { io.on('connection', (socket) => { socket.on('say', f) }) }" },
      ['socket.io * - c.js:1 connection'],
    ],
    [
      'express-ws',
      {
        'd.js':
          "const express = require('express')\nconst app = express()\nrequire('express-ws')(app)\napp.ws('/echo', guard, (ws, req) => {})",
      },
      ['express * /echo d.js:4 middleware,connection'],
    ],
    [
      'Fastify',
      {
        'e.ts':
          "import Fastify from 'fastify'\nconst app = Fastify()\napp.get('/live', { websocket: true }, (socket, req) => {})",
      },
      ['fastify GET /live e.ts:3 connection'],
    ],
    [
      'Hono',
      {
        'f.ts':
          "import { Hono } from 'hono'\nconst app = new Hono()\napp.get('/ws', upgradeWebSocket((c) => ({ onMessage() {} })))",
      },
      ['hono GET /ws f.ts:3 connection'],
    ],
    ['an emitter is no server', { 'g.js': "const db = require('./db')\ndb.on('connection', (c) => { log(c) })" }, []],
  ])('%s', (_, files, expected) => expect(discovered(files)).toEqual(expected))
})

describe('bad input', () => {
  test.each<[string, Files]>([
    ['nothing', { 'app/api/x/route.ts': '' }],
    ['broken syntax', { 'pages/api/x.ts': 'export default async function handler(req, res { if (' }],
    [
      'exports of nothing',
      { 'app/api/x/route.ts': 'export { POST } from "./missing"\nexport const { GET } = handlers' },
    ],
    ['a name that is itself', { 'h.js': 'const a = b\nconst b = a\nexports.handler = a' }],
    [
      'a function that calls itself',
      {
        's.js':
          "const http = require('http')\nfunction f(req, res) { if (req.url === '/x') f(req, res) }\nhttp.createServer(f)",
      },
    ],
    ['deep nesting', { 'w.js': `export default { fetch(request) { return ${'('.repeat(500)}x${')'.repeat(500)} } }` }],
    [
      'a decorator that applies itself',
      {
        'n.ts':
          "import { Controller, Post } from '@nestjs/common'\nconst D = () => applyDecorators(D())\n@Controller() @D()\nexport class C { @Post() @D() x() {} }",
      },
    ],
  ])('%s ends without an error', (_, files) => {
    expect(() => discovered(files)).not.toThrow()
  })
})

describe('endpoints found by their file', () => {
  test.each<[string, Files, readonly string[]]>([
    [
      'SvelteKit: one export a method, groups are no part of the address',
      {
        'src/routes/(public)/hooks/[shop]/+server.ts':
          'export const GET = () => {}\nexport async function POST({ request }) {}',
      },
      [
        'sveltekit GET /hooks/:shop src/routes/(public)/hooks/[shop]/+server.ts:1 handler',
        'sveltekit POST /hooks/:shop src/routes/(public)/hooks/[shop]/+server.ts:2 handler',
      ],
    ],
    [
      'a page of SvelteKit is none',
      { 'src/routes/hooks/+page.server.ts': 'export const actions = { default: async ({ request }) => {} }' },
      [],
    ],
    [
      'Remix: dots are slashes, an action takes what changes',
      {
        'app/routes/_admin.hooks.$shop.tsx':
          'export async function loader() {}\nexport const action = async ({ request }) => {}',
      },
      [
        'remix POST /hooks/:shop app/routes/_admin.hooks.$shop.tsx:2 handler',
        'remix GET /hooks/:shop app/routes/_admin.hooks.$shop.tsx:1 handler',
      ],
    ],
    [
      'Nuxt: the method stands in the name of the file',
      { 'server/api/hooks/[id].post.ts': 'export default defineEventHandler(async (event) => {})' },
      ['nuxt POST /api/hooks/:id server/api/hooks/[id].post.ts:1 handler'],
    ],
    [
      'Nuxt: what is no event handler is none',
      { 'server/api/client.ts': 'export default function client(event) {}' },
      [],
    ],
    [
      'Astro: an endpoint takes a context',
      {
        'src/pages/hooks/index.ts':
          "import type { APIRoute } from 'astro'\nexport const POST: APIRoute = ({ request }) => {}",
      },
      ['astro POST /hooks src/pages/hooks/index.ts:2 handler'],
    ],
    [
      'TanStack Start: handlers of a route',
      {
        'src/routes/hook.ts':
          "import { createFileRoute } from '@tanstack/react-router'\nexport const Route = createFileRoute('/hook')({\n  server: { handlers: { POST: async ({ request }) => {} } },\n})",
      },
      ['other POST /hook src/routes/hook.ts:3 handler'],
    ],
  ])('%s', (_, files, expected) => {
    expect(discovered(files)).toEqual(expected)
  })
})

test('a method that is handed the request by its own class is no surface; one of another object’s name is', () => {
  const code = `class Hooks {
  listener() { return (req, res) => this.onPost(req, res) }
  onPost(req, res) { save(req.body) }
  handle(req, res) { save(req.body) }
  receive(req, res) { save(req.body) }
}
const other = require('./other')
const hooks = new Hooks()
http.createServer((req, res) => other.handle(req, res))
app.post('/x', (req, res) => hooks.receive(req, res))
module.exports = Hooks`
  const lines = discovered({ 'hooks.js': code }).map((line) => line.split(' ').slice(2).join(' '))
  expect(lines.filter((line) => line.startsWith('- '))).toEqual(['- hooks.js:4 handler'])
})

describe('controllers whose routes are not in sight', () => {
  test.each<[string, Files, readonly string[]]>([
    [
      'methods and fields of a class, but not its middleware',
      {
        'hooks.ts':
          'export class Hooks {\n  async stripe(req, res) {}\n  github = (req, res) => {}\n  verify(req, res, next) {}\n  private helper(order) {}\n}',
      },
      ['express * - hooks.ts:2 handler', 'express * - hooks.ts:3 handler'],
    ],
    [
      'entries of an exported object',
      { 'hooks.js': 'module.exports = {\n  stripe: async (req, res) => {},\n  async github(ctx) {},\n}' },
      ['express * - hooks.js:2 handler', 'koa * - hooks.js:3 handler'],
    ],
    ['functions of a context', { 'hooks.js': 'exports.github = async (ctx) => {}' }, ['koa * - hooks.js:1 handler']],
    [
      'a controller that somebody imports is told where it is routed',
      {
        'hooks.js': 'exports.github = async (ctx) => {}',
        'routes.js':
          "const { github } = require('./hooks')\nconst Router = require('@koa/router')\nconst router = new Router()\nrouter.post('/x', github)",
      },
      ['koa POST /x routes.js:4 handler'],
    ],
    [
      'classes with decorators belong to their framework',
      {
        'hooks.ts':
          "import { Controller } from '@nestjs/common'\n@Controller()\nexport class Hooks { stripe(req, res) {} }",
      },
      [],
    ],
  ])('%s', (_, files, expected) => {
    expect([...new Set(discovered(files))]).toEqual(expected)
  })
})
