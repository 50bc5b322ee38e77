/** What fixes must not do to somebody's file, and each framework's own way to the bytes. */
import { describe, expect, test } from 'vitest'
import { changes, type Files, fixed, rulesFound, scanned } from '../../../../test/support/fixing.ts'
import { applyEdits } from './edits.ts'

const FLASK = `import hashlib
import hmac
import os

from flask import Flask, abort, request

from .tickets import set_state

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 100_000
SECRET = os.environ["SECRET"].encode()


@app.post("/hooks/helpdesk")
def changed():
    expected = hmac.new(SECRET, request.get_data(), hashlib.sha256).hexdigest()
    if expected != request.headers.get("X-Signature"):
        abort(401)
    set_state(request.get_json()["id"])
    return "", 204
`

const EXPRESS = `import { createHmac } from 'node:crypto'
import express from 'express'
import { setState } from './tickets.js'

const app = express()

app.post('/hooks/helpdesk', express.raw({ type: '*/*' }), async (req, res) => {
  const expected = createHmac('sha256', process.env.SECRET).update(req.body).digest('hex')
  if (req.get('x-signature') !== expected) return res.sendStatus(401)
  await setState(JSON.parse(req.body).id)
  res.sendStatus(204)
})
`

describe('a file as it was written', () => {
  test('line ends, byte-order mark and a missing last line end stay', () => {
    const text = `\uFEFF${EXPRESS.trimEnd()}`.replaceAll('\n', '\r\n')
    const after = textOf(fixed({ 'server.js': text }), 'server.js')
    expect(after.startsWith('\uFEFF')).toBe(true)
    expect(after.replaceAll('\r\n', '')).not.toContain('\n')
    expect(after).toContain('function isSameText(a, b) {\r\n')
    expect(rulesFound({ 'server.js': after })).toEqual([])
  })

  test('what stands before on the line counts in UTF-16, not in bytes', () => {
    const text = EXPRESS.replace(
      "if (req.get('x-signature') !==",
      "/* 🔑 é 漢字 */ if ('ünï🔑' && req.get('x-signature') !==",
    )
    const after = textOf(fixed({ 'server.js': text }), 'server.js')
    expect(after).toContain("/* 🔑 é 漢字 */ if ('ünï🔑' && !isSameText(req.get('x-signature'), expected))")
  })

  test('an expression over several lines, and the comment in it, are kept', () => {
    const text = FLASK.replace(
      '    if expected != request.headers.get("X-Signature"):',
      '    if (\n        expected  # ours\n        != request.headers.get("X-Signature")  # theirs\n    ):',
    )
    expect(changes({ 'app.py': text }, fixed({ 'app.py': text }))).toMatchInlineSnapshot(`
      "app.py
      -        expected  # ours
      -        != request.headers.get("X-Signature")  # theirs
      +        not hmac.compare_digest(expected.encode(),  # ours
      +        request.headers.get("X-Signature", "").encode())  # theirs"
    `)
  })

  test('tabs, semicolons and double quotes are taken over', () => {
    const text = EXPRESS.replace(/^( {2})/gm, '\t')
      .replaceAll("'", '"')
      .replace(/(\)|"|\})$/gm, '$1;')
      .replace('=> {;', '=> {')
    const after = textOf(fixed({ 'server.js': text }), 'server.js')
    expect(after).toContain('\tif (typeof a !== "string" || typeof b !== "string") return false;')
    expect(after).toContain('import { createHmac, timingSafeEqual } from "node:crypto";')
  })

  test('two findings on one line are both fixed', () => {
    const text = FLASK.replace(
      'if expected != request.headers.get("X-Signature"):',
      'if expected != request.headers.get("X-Signature") and expected != request.headers.get("X-Old-Signature"):',
    )
    const after = textOf(fixed({ 'app.py': text }), 'app.py')
    expect(after).toContain(
      'if not hmac.compare_digest(expected.encode(), request.headers.get("X-Signature", "").encode()) and not hmac.compare_digest(expected.encode(), request.headers.get("X-Old-Signature", "").encode()):',
    )
  })

  test('a fix on a fix: the digest and its comparison in one file', () => {
    const text = FLASK.replace('request.get_data()', 'json.dumps(request.get_json()).encode()').replace(
      'import hmac\n',
      'import hmac\nimport json\n',
    )
    expect(rulesFound({ 'app.py': text })).toEqual(['parsed-body-signature', 'unsafe-compare'])
    const after = fixed({ 'app.py': text })
    expect(rulesFound(after)).toEqual([])
    expect(textOf(after, 'app.py')).toContain('hmac.new(SECRET, request.get_data(), hashlib.sha256)')
  })
})

describe('what is not offered', () => {
  test.each([
    [
      'neither side is known to be text or bytes',
      FLASK.replace('expected != request', 'differ(expected, request')
        .replace('"X-Signature"):', '"X-Signature")):')
        .replace('@app.post', 'def differ(a, b):\n    return a != b\n\n\n@app.post'),
    ],
    [
      'the name of the module is taken',
      FLASK.replace('import hmac\n', 'from hmac import new\nhmac = secrets = 1\n').replace('hmac.new', 'new'),
    ],
  ])('%s', (_, text) => {
    expect(scanned({ 'app.py': text }).fixes).toEqual([])
  })

  test('on the edge there is no node:crypto', () => {
    const text = `export default {
  async fetch(request, env) {
    const token = request.headers.get('x-hook-token')
    if (token !== env.HOOK_TOKEN) return new Response('', { status: 401 })
    await env.KV.put('state', await request.text())
    return new Response('ok')
  },
}
`
    expect(scanned({ 'worker.js': text }).fixes).toEqual([])
  })

  test('a file with a syntax error elsewhere is fixed without another', () => {
    const text = `${EXPRESS}\nconst broken = {\n`
    const after = fixed({ 'server.js': text })
    expect(textOf(after, 'server.js')).toContain('const broken = {')
  })
})

describe('the bytes of each framework', () => {
  const PYTHON = 'import hashlib\nimport hmac\nimport json\nimport os\n\n'
  const DIGEST = 'hmac.new(os.environ["S"].encode(), MESSAGE, hashlib.sha256).hexdigest()'

  test('FastAPI: the handler gets the request', () => {
    const text = `${PYTHON}from fastapi import FastAPI, Header, HTTPException

app = FastAPI()


@app.post("/webhooks/grades")
async def grades(payload: dict, x_signature: str = Header()):
    expected = ${DIGEST.replace('MESSAGE', 'json.dumps(payload).encode()')}
    if not hmac.compare_digest(expected, x_signature):
        raise HTTPException(401)
    await store(payload["id"])
`
    expect(changes({ 'app.py': text }, fixed({ 'app.py': text }))).toMatchInlineSnapshot(`
      "app.py
      -from fastapi import FastAPI, Header, HTTPException
      +from fastapi import FastAPI, Header, HTTPException, Request
      -async def grades(payload: dict, x_signature: str = Header()):
      -    expected = hmac.new(os.environ["S"].encode(), json.dumps(payload).encode(), hashlib.sha256).hexdigest()
      +async def grades(request: Request, payload: dict, x_signature: str = Header()):
      +    expected = hmac.new(os.environ["S"].encode(), await request.body(), hashlib.sha256).hexdigest()"
    `)
  })

  test('FastAPI: within a text with a timestamp', () => {
    const text = `${PYTHON}from fastapi import FastAPI, HTTPException, Request

app = FastAPI()


@app.post("/webhooks/grades")
async def grades(request: Request):
    payload = await request.json()
    signed = f"{request.headers['x-timestamp']}.{json.dumps(payload)}"
    expected = ${DIGEST.replace('MESSAGE', 'signed.encode()')}
    if not hmac.compare_digest(expected, request.headers.get("x-signature", "")):
        raise HTTPException(401)
    await store(payload["id"])
`
    expect(changes({ 'app.py': text }, fixed({ 'app.py': text }))).toMatchInlineSnapshot(`
      "app.py
      -    signed = f"{request.headers['x-timestamp']}.{json.dumps(payload)}"
      +    signed = f"{request.headers['x-timestamp']}.{(await request.body()).decode(errors='replace')}""
    `)
  })

  test('Django', () => {
    const text = `${PYTHON}from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt


@csrf_exempt
def webhook(request):
    event = json.loads(request.body)
    expected = ${DIGEST.replace('MESSAGE', 'json.dumps(event).encode("utf-8")')}
    if not hmac.compare_digest(expected, request.headers.get("X-Signature", "")):
        return HttpResponse(status=401)
    Order.objects.filter(id=event["id"]).update(state=event["state"])
    return HttpResponse()
`
    const urls =
      'from django.urls import path\nfrom . import views\n\nurlpatterns = [path("webhooks/orders", views.webhook)]\n'
    const files = { 'shop/views.py': text, 'shop/urls.py': urls }
    expect(changes(files, fixed(files))).toMatchInlineSnapshot(`
      "shop/views.py
      -    expected = hmac.new(os.environ["S"].encode(), json.dumps(event).encode("utf-8"), hashlib.sha256).hexdigest()
      +    expected = hmac.new(os.environ["S"].encode(), request.body, hashlib.sha256).hexdigest()"
    `)
  })

  test('Next.js, app router', () => {
    const file = 'app/api/webhooks/cms/route.ts'
    const text = `import { createHmac, timingSafeEqual } from 'node:crypto'

export async function POST(request: Request) {
  const body = await request.json()
  const expected = createHmac('sha256', process.env.CMS_SECRET!).update(JSON.stringify(body)).digest()
  const sent = Buffer.from(request.headers.get('x-signature') ?? '', 'hex')
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return new Response('', { status: 401 })
  await pages.update(body.slug, body)
  return new Response('ok')
}
`
    expect(changes({ [file]: text }, fixed({ [file]: text }))).toMatchInlineSnapshot(`
      "app/api/webhooks/cms/route.ts
      -  const body = await request.json()
      -  const expected = createHmac('sha256', process.env.CMS_SECRET!).update(JSON.stringify(body)).digest()
      +  const rawBody = await request.text()
      +  const body = JSON.parse(rawBody)
      +  const expected = createHmac('sha256', process.env.CMS_SECRET!).update(rawBody).digest()"
    `)
  })

  test('NestJS: also where the application is made', () => {
    const files = {
      'src/main.ts': `import { NestFactory } from '@nestjs/core'
import { AppModule } from './app.module'

const app = await NestFactory.create(AppModule)
await app.listen(3000)
`,
      'src/app.module.ts': `import { Module } from '@nestjs/common'
import { HookController } from './hook.controller'

@Module({ controllers: [HookController] })
export class AppModule {}
`,
      'src/hook.controller.ts': `import { Controller, Post, Req, UnauthorizedException } from '@nestjs/common'
import { createHmac, timingSafeEqual } from 'node:crypto'
import { setState } from './orders'

@Controller('webhooks')
export class HookController {
  @Post('orders')
  async receive(@Req() request: any) {
    const expected = createHmac('sha256', process.env.SECRET!).update(JSON.stringify(request.body)).digest()
    const sent = Buffer.from(request.headers['x-signature'] ?? '', 'hex')
    if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) throw new UnauthorizedException()
    await setState(request.body.id)
  }
}
`,
    }
    expect(changes(files, fixed(files))).toMatchInlineSnapshot(`
      "src/main.ts
      -const app = await NestFactory.create(AppModule)
      +const app = await NestFactory.create(AppModule, { rawBody: true })
      src/hook.controller.ts
      -    const expected = createHmac('sha256', process.env.SECRET!).update(JSON.stringify(request.body)).digest()
      +    const expected = createHmac('sha256', process.env.SECRET!).update((request as { rawBody?: Buffer }).rawBody ?? '').digest()"
    `)
  })
})

describe('edits', () => {
  test('that want the same characters, or different texts at one place, do not go together', () => {
    const edit = (start: number, end: number, text: string) => ({ start, end, text })
    expect(applyEdits('abcdef', [edit(0, 2, 'x'), edit(1, 3, 'y')])).toBeUndefined()
    expect(applyEdits('abcdef', [edit(2, 2, 'x'), edit(2, 2, 'y')])).toBeUndefined()
    expect(applyEdits('abcdef', [edit(2, 2, 'x'), edit(2, 2, 'x')])).toBe('abxcdef')
    expect(applyEdits('abcdef', [edit(4, 6, ''), edit(0, 2, 'x')])).toBe('xcd')
  })
})

function textOf(files: Files, file: string): string {
  return files[file] ?? ''
}
