/** Receivers, sockets and senders in JavaScript and TypeScript to which no route of a router leads. */
import { expect, test } from 'vitest'
import { loadGrammars } from '../parse/grammars.ts'
import { languageOf } from '../parse/languages.ts'
import { createProgram } from '../project/program.ts'
import { parsingTree } from '../project/source-tree.ts'
import { DISCOVERIES } from './registry.ts'

const grammars = await loadGrammars(new Set(['javascript', 'typescript', 'tsx']))

/** As `framework METHOD /route line name`. */
function discovered(files: Readonly<Record<string, string>>): readonly string[] {
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
      ({ framework, methods, path, at, name }) =>
        `${framework} ${methods.join('|') || '*'} ${path ?? '-'} ${at.line} ${name}`,
    ),
  )
}

test.each<[string, string, string, readonly string[]]>([
  [
    'Slack’s application is a receiver',
    'bot.js',
    "const { App } = require('@slack/bolt')\nconst app = new App({ signingSecret: process.env.S })",
    ['other POST /slack/events 2 App'],
  ],
  [
    'not where it listens over a socket',
    'bot.js',
    "const { App } = require('@slack/bolt')\nconst app = new App({ signingSecret: process.env.S, socketMode: true })",
    [],
  ],
  [
    'GitHub’s middleware has its path among the options',
    'hook.js',
    "import { Webhooks, createNodeMiddleware } from '@octokit/webhooks'\nconst hooks = new Webhooks({ secret: process.env.S })\nexport const serve = createNodeMiddleware(hooks, { path: '/gh' })",
    ['other POST /gh 3 createNodeMiddleware'],
  ],
  [
    'uWebSockets.js',
    'live.js',
    "const uWS = require('uWebSockets.js')\nuWS.App().ws('/live', { message: (ws, data) => rooms.post(data) })",
    ['ws * /live 2 message'],
  ],
  [
    'Bun',
    'live.ts',
    'Bun.serve({\n  fetch(request, server) { server.upgrade(request) },\n  websocket: { message(ws, data) { rooms.post(data) } },\n})',
    ['serverless * - 1 fetch', 'ws * - 1 message'],
  ],
  [
    'an HTTP action of Convex, kept in a variable',
    'convex/http.ts',
    "import { httpRouter } from 'convex/server'\nimport { httpAction } from './_generated/server'\nconst http = httpRouter()\nconst paid = httpAction(async (ctx, request) => new Response())\nhttp.route({ path: '/paid', method: 'POST', handler: paid })",
    ['serverless POST /paid 5 httpAction'],
  ],
  [
    'a controller of Egg',
    'app/controller/notify.js',
    "const { Controller } = require('egg')\nmodule.exports = class Notify extends Controller {\n  async paid() { await this.service.order.setPaid(this.ctx.request.body) }\n}",
    ['koa * - 3 Notify.paid'],
  ],
  [
    'a function that takes a Request and is named after a hook',
    'hook.ts',
    'export async function onStripeWebhook(request: Request): Promise<Response> {\n  return new Response(await request.text())\n}',
    ['serverless * - 1 onStripeWebhook'],
  ],
  [
    'not one that is named after nothing of the kind',
    'fetching.ts',
    'export async function cached(request: Request): Promise<Response> {\n  return new Response(await request.text())\n}',
    [],
  ],
  [
    'a sender to what others registered',
    'dispatch.js',
    'async function announce(event) {\n  for (const hook of await Hook.find({ event })) await fetch(hook.url, { method: "POST" })\n}',
    ['other * - 1 announce'],
  ],
  [
    'not to an address of the configuration',
    'alert.js',
    'async function alert(text) {\n  await fetch(config.webhookUrl, { method: "POST", body: text })\n}',
    [],
  ],
  [
    'a job without a name calls back',
    'jobs.js',
    'agenda.define("report", async (job) => {\n  const report = await Report.findById(job.attrs.data.id)\n  await fetch(report.callbackUrl)\n})',
    ['other * - 1 dispatch'],
  ],
])('%s', (_, file, text, expected) => expect(discovered({ [file]: text })).toEqual(expected))
