import type { BadExample, GoodExample } from '../rule.ts'

export const bad: readonly [BadExample, ...BadExample[]] = [
  {
    language: 'python',
    at: 'SECRET = b"',
    says: 'SECRET is written in the code.',
    code: `import hashlib
import hmac

from flask import Flask, abort, request

from .forms import upsert_answer

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 200_000
SECRET = b"not-a-real-secret-but-used-as-one"


@app.post("/hooks/forms")
def form_filled():
    expected = hmac.new(SECRET, request.get_data(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Forms-Signature", "")):
        abort(401)
    answer = request.get_json()
    upsert_answer(answer["id"], answer["fields"])
    return "", 204
`,
  },
  {
    language: 'javascript',
    at: 'process.env.FORMS_SECRET ||',
    says: 'FORMS_SECRET has a default in the code that is used when it is not set.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import express from 'express'
import { upsertAnswer } from './answers.js'

const secret = process.env.FORMS_SECRET || 'change-me-before-release'
const app = express()

app.post('/hooks/forms', express.raw({ type: '*/*' }), async (req, res) => {
  const expected = createHmac('sha256', secret).update(req.body).digest()
  const sent = Buffer.from(req.get('x-forms-signature') ?? '', 'hex')
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return res.sendStatus(401)
  const answer = JSON.parse(req.body)
  await upsertAnswer(answer.id, answer.fields)
  res.sendStatus(204)
})
`,
  },
  {
    language: 'php',
    at: "hash_hmac('sha256', $request->getContent(),",
    says: 'The key of the signature is written in the code.',
    code: `<?php

use App\\Models\\Answer;
use Illuminate\\Http\\Request;
use Illuminate\\Support\\Facades\\Route;

Route::post('/hooks/forms', function (Request $request) {
    $expected = hash_hmac('sha256', $request->getContent(), 'change-me-before-release');
    if (!hash_equals($expected, (string) $request->header('X-Forms-Signature'))) {
        abort(401);
    }
    Answer::updateOrCreate(['id' => $request->json('id')], ['fields' => $request->json('fields')]);

    return response()->noContent();
});
`,
  },
]

export const good: readonly [GoodExample, ...GoodExample[]] = [
  {
    language: 'python',
    why: 'A text in the code is part of the scheme, not a secret: the prefix of the header and the salt that separates purposes.',
    code: `import hashlib
import hmac
import os

from flask import Flask, abort, request

from .forms import upsert_answer

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 200_000
SECRET = os.environ["FORMS_SECRET"].encode()
PREFIX = "sha256="


@app.post("/hooks/forms")
def form_filled():
    expected = PREFIX + hmac.new(SECRET, request.get_data(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Forms-Signature", "")):
        abort(401)
    answer = request.get_json()
    upsert_answer(answer["id"], answer["fields"])
    return "", 204
`,
  },
  {
    language: 'javascript',
    why: 'The text in the code is the name of the secret, which a secret store returns.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import express from 'express'
import { upsertAnswer } from './answers.js'
import { readSecret } from './vault.js'

const app = express()
const secret = await readSecret('forms/webhook-signing-secret')

app.post('/hooks/forms', express.raw({ type: '*/*' }), async (req, res) => {
  const expected = createHmac('sha256', secret).update(req.body).digest()
  const sent = Buffer.from(req.get('x-forms-signature') ?? '', 'hex')
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return res.sendStatus(401)
  const answer = JSON.parse(req.body)
  await upsertAnswer(answer.id, answer.fields)
  res.sendStatus(204)
})
`,
  },
]
