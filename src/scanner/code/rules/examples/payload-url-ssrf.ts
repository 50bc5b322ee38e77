import type { BadExample, GoodExample } from '../rule.ts'

export const bad: readonly [BadExample, ...BadExample[]] = [
  {
    language: 'python',
    at: 'httpx.get(',
    says: 'httpx.get fetches an address that the sender wrote into the request.',
    code: `import hashlib
import hmac
import os

import httpx
from flask import Flask, abort, request

from .calls import put_recording

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 100_000
KEY = os.environ["PHONE_KEY"].encode()


@app.post("/hooks/phone")
def call_ended():
    expected = hmac.new(KEY, request.get_data(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Phone-Signature", "")):
        abort(401)
    call = request.get_json()
    recording = httpx.get(call["recording_url"], timeout=10)
    put_recording(call["id"], recording.content)
    return "", 204
`,
  },
  {
    language: 'javascript',
    at: 'await fetch(',
    says: 'fetch fetches an address that the sender wrote into the request.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import express from 'express'
import { putAvatar } from './members.js'

const app = express()

app.post('/hooks/members', express.raw({ type: '*/*' }), async (req, res) => {
  const expected = createHmac('sha256', process.env.MEMBERS_KEY).update(req.body).digest()
  const sent = Buffer.from(req.get('x-members-signature') ?? '', 'hex')
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return res.sendStatus(401)
  const member = JSON.parse(req.body)
  const picture = await fetch(member.avatar)
  await putAvatar(member.id, Buffer.from(await picture.arrayBuffer()))
  res.sendStatus(204)
})
`,
  },
  {
    language: 'ruby',
    at: 'URI.open(',
    says: 'URI.open fetches an address that the sender wrote into the request.',
    code: `class CallWebhooksController < ApplicationController
  skip_before_action :verify_authenticity_token
  before_action :require_signature

  def create
    call = JSON.parse(request.raw_post)
    recording = URI.open(call["recording_url"]).read
    Call.find(call["id"]).update!(recording: recording)
    head :no_content
  end

  private

  def require_signature
    expected = OpenSSL::HMAC.hexdigest("SHA256", ENV.fetch("PHONE_KEY"), request.raw_post)
    sent = request.headers["X-Phone-Signature"].to_s
    head :unauthorized unless ActiveSupport::SecurityUtils.secure_compare(expected, sent)
  end
end
`,
  },
  {
    language: 'php',
    at: 'Http::get(',
    says: 'Illuminate.Support.Facades.Http.get fetches an address that the sender wrote into the request.',
    code: `<?php

use App\\Models\\Call;
use Illuminate\\Http\\Request;
use Illuminate\\Support\\Facades\\Http;
use Illuminate\\Support\\Facades\\Route;

Route::post('/hooks/phone', function (Request $request) {
    $expected = hash_hmac('sha256', $request->getContent(), config('services.phone.key'));
    if (!hash_equals($expected, (string) $request->header('X-Phone-Signature'))) {
        abort(401);
    }
    $recording = Http::get($request->json('recording_url'))->body();
    Call::findOrFail($request->json('id'))->update(['recording' => $recording]);

    return response()->noContent();
});
`,
  },
]

export const good: readonly [GoodExample, ...GoodExample[]] = [
  {
    language: 'python',
    why: 'The host must be on a list, and redirects are not followed.',
    code: `import hashlib
import hmac
import os
from urllib.parse import urlsplit

import httpx
from flask import Flask, abort, request

from .calls import put_recording

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 100_000
KEY = os.environ["PHONE_KEY"].encode()
HOSTS = {"recordings.phone.example", "media.phone.example"}


@app.post("/hooks/phone")
def call_ended():
    expected = hmac.new(KEY, request.get_data(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Phone-Signature", "")):
        abort(401)
    call = request.get_json()
    address = urlsplit(call["recording_url"])
    if address.scheme != "https" or address.hostname not in HOSTS:
        abort(422)
    put_recording(call["id"], httpx.get(call["recording_url"], follow_redirects=False).content)
    return "", 204
`,
  },
  {
    language: 'javascript',
    why: 'The host is fixed; the payload gives only an id for the path.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import express from 'express'
import { putAvatar } from './members.js'

const app = express()

app.post('/hooks/members', express.raw({ type: '*/*' }), async (req, res) => {
  const expected = createHmac('sha256', process.env.MEMBERS_KEY).update(req.body).digest()
  const sent = Buffer.from(req.get('x-members-signature') ?? '', 'hex')
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return res.sendStatus(401)
  const member = JSON.parse(req.body)
  const picture = await fetch(\`https://api.members.example/v1/avatars/\${encodeURIComponent(member.id)}\`)
  await putAvatar(member.id, Buffer.from(await picture.arrayBuffer()))
  res.sendStatus(204)
})
`,
  },
]
