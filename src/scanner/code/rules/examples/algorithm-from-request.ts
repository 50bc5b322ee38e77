import type { BadExample, GoodExample } from '../rule.ts'

export const bad: readonly [BadExample, ...BadExample[]] = [
  {
    language: 'python',
    at: 'hmac.new(KEY,',
    says: 'The algorithm of the signature comes from the request.',
    code: `import hmac
import os

from flask import Flask, abort, request

from .builds import set_build_state

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 100_000
KEY = os.environ["BUILDS_KEY"].encode()


@app.post("/hooks/builds")
def build_finished():
    algorithm, _, sent = request.headers.get("X-Builds-Signature", "").partition("=")
    expected = hmac.new(KEY, request.get_data(), algorithm).hexdigest()
    if not hmac.compare_digest(expected, sent):
        abort(401)
    build = request.get_json()
    set_build_state(build["id"], build["state"])
    return "", 204
`,
  },
  {
    language: 'javascript',
    at: 'createHmac(algorithm,',
    says: 'The algorithm of the signature comes from the request.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import express from 'express'
import { setBuildState } from './builds.js'

const app = express()

app.post('/hooks/builds', express.raw({ type: '*/*' }), async (req, res) => {
  const [algorithm, signature] = (req.get('x-builds-signature') ?? '').split('=')
  const expected = createHmac(algorithm, process.env.BUILDS_KEY).update(req.body).digest()
  const sent = Buffer.from(signature ?? '', 'hex')
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return res.sendStatus(401)
  const build = JSON.parse(req.body)
  await setBuildState(build.id, build.state)
  res.sendStatus(204)
})
`,
  },
]

export const good: readonly [GoodExample, ...GoodExample[]] = [
  {
    language: 'python',
    why: 'The name in the header is compared with the only one that is accepted.',
    code: `import hashlib
import hmac
import os

from flask import Flask, abort, request

from .builds import set_build_state

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 100_000
KEY = os.environ["BUILDS_KEY"].encode()


@app.post("/hooks/builds")
def build_finished():
    algorithm, _, sent = request.headers.get("X-Builds-Signature", "").partition("=")
    if algorithm != "sha256":
        abort(401)
    expected = hmac.new(KEY, request.get_data(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, sent):
        abort(401)
    build = request.get_json()
    set_build_state(build["id"], build["state"])
    return "", 204
`,
  },
  {
    language: 'javascript',
    why: 'The name selects from a table of two, and both are sound.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import express from 'express'
import { setBuildState } from './builds.js'

const app = express()
const ALGORITHMS = { sha256: 'sha256', sha512: 'sha512' }

app.post('/hooks/builds', express.raw({ type: '*/*' }), async (req, res) => {
  const [name, signature] = (req.get('x-builds-signature') ?? '').split('=')
  const algorithm = ALGORITHMS[name]
  if (algorithm === undefined) return res.sendStatus(400)
  const expected = createHmac(algorithm, process.env.BUILDS_KEY).update(req.body).digest()
  const sent = Buffer.from(signature ?? '', 'hex')
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return res.sendStatus(401)
  const build = JSON.parse(req.body)
  await setBuildState(build.id, build.state)
  res.sendStatus(204)
})
`,
  },
]
