import type { BadExample, GoodExample } from '../rule.ts'

export const bad: readonly [BadExample, ...BadExample[]] = [
  {
    language: 'python',
    at: 'if expected != request.headers',
    says: 'The signature is compared with !=, which takes longer the more of it is right.',
    code: `import hashlib
import hmac
import os

from flask import Flask, abort, request

from .tickets import set_ticket_state

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 100_000
SECRET = os.environ["HELPDESK_SECRET"].encode()


@app.post("/hooks/helpdesk")
def ticket_changed():
    expected = hmac.new(SECRET, request.get_data(), hashlib.sha256).hexdigest()
    if expected != request.headers.get("X-Helpdesk-Signature"):
        abort(401)
    ticket = request.get_json()
    set_ticket_state(ticket["id"], ticket["state"])
    return "", 204
`,
  },
  {
    language: 'javascript',
    at: "if (req.get('x-helpdesk-signature') !== expected)",
    says: 'The signature is compared with !=, which takes longer the more of it is right.',
    code: `import { createHmac } from 'node:crypto'
import express from 'express'
import { setTicketState } from './tickets.js'

const app = express()

app.post('/hooks/helpdesk', express.raw({ type: '*/*' }), async (req, res) => {
  const expected = createHmac('sha256', process.env.HELPDESK_SECRET).update(req.body).digest('hex')
  if (req.get('x-helpdesk-signature') !== expected) return res.sendStatus(401)
  const ticket = JSON.parse(req.body)
  await setTicketState(ticket.id, ticket.state)
  res.sendStatus(204)
})
`,
  },
  {
    language: 'typescript',
    at: "if (request.headers['x-gitlab-token'] !== token)",
    says: 'The secret is compared with !=, which takes longer the more of it is right.',
    code: `import Fastify from 'fastify'
import { setBuildState } from './builds.js'

const app = Fastify()
const token = process.env.GITLAB_TOKEN
if (!token) throw new Error('GITLAB_TOKEN is not set')

app.post('/hooks/gitlab', async (request, reply) => {
  if (request.headers['x-gitlab-token'] !== token) return reply.code(401).send()
  const { object_attributes: build } = request.body as { object_attributes: { id: number; status: string } }
  await setBuildState(build.id, build.status)
  return reply.code(204).send()
})
`,
  },
  {
    language: 'go',
    at: 'if hex.EncodeToString(',
    says: 'The signature is compared with !=, which takes longer the more of it is right.',
    code: `package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os"
)

var key = []byte(os.Getenv("HELPDESK_KEY"))

func ticketChanged(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil || len(key) == 0 {
		http.Error(w, "refused", http.StatusBadRequest)
		return
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(body)
	if hex.EncodeToString(mac.Sum(nil)) != r.Header.Get("X-Helpdesk-Signature") {
		http.Error(w, "unauthorized", http.StatusUnauthorized)
		return
	}
	var ticket Ticket
	json.Unmarshal(body, &ticket)
	setTicketState(ticket.ID, ticket.State)
}

func main() {
	http.HandleFunc("POST /hooks/helpdesk", ticketChanged)
	http.ListenAndServe(":8080", nil)
}
`,
  },
  {
    language: 'ruby',
    at: 'return head :unauthorized',
    says: 'The signature is compared with ==, which takes longer the more of it is right.',
    code: `class TicketWebhooksController < ApplicationController
  skip_before_action :verify_authenticity_token

  def create
    expected = OpenSSL::HMAC.hexdigest("SHA256", ENV.fetch("HELPDESK_KEY"), request.raw_post)
    return head :unauthorized unless request.headers["X-Helpdesk-Signature"] == expected

    event = JSON.parse(request.raw_post)
    Ticket.find(event["id"]).update!(state: event["state"])
    head :no_content
  end
end
`,
  },
  {
    language: 'php',
    at: "if ($request->header('X-Helpdesk-Signature') !== $expected)",
    says: 'The signature is compared with !=, which takes longer the more of it is right.',
    code: `<?php

use App\\Models\\Ticket;
use Illuminate\\Http\\Request;
use Illuminate\\Support\\Facades\\Route;

Route::post('/hooks/helpdesk', function (Request $request) {
    $expected = hash_hmac('sha256', $request->getContent(), config('services.helpdesk.key'));
    if ($request->header('X-Helpdesk-Signature') !== $expected) {
        abort(401);
    }
    $ticket = Ticket::findOrFail($request->json('id'));
    $ticket->update(['state' => $request->json('state')]);

    return response()->noContent();
});
`,
  },
]

export const good: readonly [GoodExample, ...GoodExample[]] = [
  {
    language: 'python',
    why: '`==` compares the kind of event and the version of the scheme, which are no secrets.',
    code: `import hashlib
import hmac
import os

from flask import Flask, abort, request

from .tickets import set_ticket_state

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 100_000
SECRET = os.environ["HELPDESK_SECRET"].encode()


@app.post("/hooks/helpdesk")
def ticket_changed():
    version, _, sent = request.headers.get("X-Helpdesk-Signature", "").partition("=")
    if version != "v1":
        abort(400)
    expected = hmac.new(SECRET, request.get_data(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, sent):
        abort(401)
    ticket = request.get_json()
    if ticket["event"] == "ticket.closed":
        set_ticket_state(ticket["id"], "closed")
    return "", 204
`,
  },
  {
    language: 'python',
    why: 'A condition on a column is a question to the database: no record, no effect.',
    code: `from fastapi import APIRouter, Depends, HTTPException, Request
from sqlalchemy.orm import Session

from .database import session
from .models import HelpdeskKey

router = APIRouter()


@router.post("/hooks/helpdesk")
async def ticket_changed(request: Request, db: Session = Depends(session)):
    shown = request.headers.get("X-Helpdesk-Key", "")
    known = db.query(HelpdeskKey).filter(HelpdeskKey.api_key == shown).first()
    if known is None:
        raise HTTPException(status_code=401)
    ticket = await request.json()
    known.state = ticket["state"]
    db.commit()
    return {"ok": True}
`,
  },
  {
    language: 'javascript',
    why: 'Only the lengths are compared with `!==`; the bytes in constant time.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import express from 'express'
import { setTicketState } from './tickets.js'

const app = express()

app.post('/hooks/helpdesk', express.raw({ type: '*/*' }), async (req, res) => {
  const expected = createHmac('sha256', process.env.HELPDESK_SECRET).update(req.body).digest('hex')
  const sent = req.get('x-helpdesk-signature') ?? ''
  if (sent.length !== expected.length || !timingSafeEqual(Buffer.from(sent), Buffer.from(expected))) {
    return res.sendStatus(401)
  }
  const ticket = JSON.parse(req.body)
  await setTicketState(ticket.id, ticket.state)
  res.sendStatus(204)
})
`,
  },
  {
    language: 'typescript',
    why: 'A public key verifies: nothing secret is compared.',
    code: `import { createPublicKey, verify } from 'node:crypto'
import express from 'express'
import { setTicketState } from './tickets.js'

const app = express()
const key = createPublicKey(process.env.HELPDESK_PUBLIC_KEY as string)

app.post('/hooks/helpdesk', express.raw({ type: '*/*' }), async (req, res) => {
  const signature = Buffer.from(req.get('x-helpdesk-signature') ?? '', 'base64')
  if (verify(null, req.body, key, signature) === false) return res.sendStatus(401)
  const ticket = JSON.parse(req.body)
  await setTicketState(ticket.id, ticket.state)
  res.sendStatus(204)
})
`,
  },
  {
    language: 'go',
    why: '`hmac.Equal` takes the same time for every wrong value; `!=` compares only an error with nothing.',
    code: `package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os"
)

var key = []byte(os.Getenv("HELPDESK_KEY"))

func ticketChanged(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil || len(key) == 0 {
		http.Error(w, "refused", http.StatusBadRequest)
		return
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(body)
	sent, err := hex.DecodeString(r.Header.Get("X-Helpdesk-Signature"))
	if err != nil || !hmac.Equal(sent, mac.Sum(nil)) {
		http.Error(w, "unauthorized", http.StatusUnauthorized)
		return
	}
	var ticket Ticket
	if json.Unmarshal(body, &ticket) == nil {
		setTicketState(ticket.ID, ticket.State)
	}
}

func main() {
	http.HandleFunc("POST /hooks/helpdesk", ticketChanged)
	http.ListenAndServe(":8080", nil)
}
`,
  },
  {
    language: 'ruby',
    why: '`secure_compare` takes the same time for every wrong value.',
    code: `class TicketWebhooksController < ApplicationController
  skip_before_action :verify_authenticity_token
  before_action :require_signature

  def create
    event = JSON.parse(request.raw_post)
    Ticket.find(event["id"]).update!(state: event["state"])
    head :no_content
  end

  private

  def require_signature
    expected = OpenSSL::HMAC.hexdigest("SHA256", ENV.fetch("HELPDESK_KEY"), request.raw_post)
    sent = request.headers["X-Helpdesk-Signature"].to_s
    head :unauthorized unless ActiveSupport::SecurityUtils.secure_compare(expected, sent)
  end
end
`,
  },
  {
    language: 'php',
    why: '`hash_equals` takes the same time for every wrong value.',
    code: `<?php

use App\\Models\\Ticket;
use Illuminate\\Http\\Request;
use Illuminate\\Support\\Facades\\Route;

Route::post('/hooks/helpdesk', function (Request $request) {
    $expected = hash_hmac('sha256', $request->getContent(), config('services.helpdesk.key'));
    if (!hash_equals($expected, (string) $request->header('X-Helpdesk-Signature'))) {
        abort(401);
    }
    $ticket = Ticket::findOrFail($request->json('id'));
    $ticket->update(['state' => $request->json('state')]);

    return response()->noContent();
});
`,
  },
]
