"""The article's Flask routes, retold: as it shows the abuse, as it shows the remedy, and as the remedy should have been.

ARTICLE=abuse: get_json and go. ARTICLE=remedy: its fixes word for word in their faults (`compare_digest(None)` is a
500, no freshness, a cache that is asked and then told, an id read before anybody verified, an address check that
misses ranges and looks up once). ARTICLE=corrected: what each of them needed.
"""
import hashlib
import hmac
import ipaddress
import json
import os
import socket
import time
import urllib.parse
import urllib.request

from flask import Flask, abort, redirect, request

import store
import wsgi
from twin import SECRET, Refused

VERSION = os.environ["ARTICLE"]
PARTNERS = {"hooks.example.com"}
KNOWN_USERS = {"1": "acct_a", "2": "acct_b"}
app = Flask(__name__)
if VERSION != "abuse":
    app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024
cache = {}


def record(event, user="1"):
    connection = store.connect()
    store.insert(connection, [str(event.get("id")), KNOWN_USERS.get(user, "nobody"), user])
    connection.close()


# 1. Authenticity.
def signed_abuse():
    record(request.get_json())
    return "", 200


def signed_remedy():
    given = request.headers.get("X-Webhook-Signature")
    body = request.get_data()
    wanted = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(given, wanted):
        abort(401, "Invalid signature")
    record(request.get_json())
    return "", 200


def signed_corrected():
    event = verified_event()
    outcome = once(event)
    return {"duplicate": outcome == "duplicate"}, 200


# 2. Replay.
def event_abuse():
    record(request.get_json())
    return "", 200


def event_remedy():
    event_id = request.json["id"]
    if cache.get(event_id):
        return "", 200
    cache[event_id] = "processed"
    record(request.json)
    return "", 200


# 3. Whose object.
def user_abuse():
    user = request.json["user_id"]
    record(request.json, user)
    return {"user": user, "account": KNOWN_USERS.get(user)}, 200


def user_remedy():
    user = request.json["user_id"]
    if KNOWN_USERS.get(user) != "acct_a":
        abort(403)
    record(request.json, user)
    return "", 200


def user_corrected():
    event = verified_event()
    user = event.get("user_id")
    if not isinstance(user, str) or KNOWN_USERS.get(user) != "acct_a":
        abort(403)
    once(event, user)
    return "", 200


# 4. A URL of the payload.
def callback_abuse():
    call(request.json["callback_url"])
    record(request.json)
    return "", 200


def callback_remedy():
    url = request.json["callback_url"]
    if not looks_safe(url):
        abort(400, "Invalid callback URL")
    call(url)
    record(request.json)
    return "", 200


def callback_corrected():
    event = verified_event()
    # A partner is chosen from those that were registered; what the payload says is compared, never called.
    parts = urllib.parse.urlsplit(str(event.get("callback_url")))
    if parts.scheme != "https" or parts.netloc not in PARTNERS:
        abort(400, "not a registered callback")
    once(event)
    return "", 200


def looks_safe(url):
    host = urllib.parse.urlparse(url).hostname
    if host not in PARTNERS:
        return False
    try:
        return not ipaddress.ip_address(socket.gethostbyname(host)).is_private
    except socket.gaierror:
        return False


def call(url):
    try:
        urllib.request.urlopen(url, timeout=1).read(1024)
    except Exception:
        pass


# 5. A redirect of the payload.
def redirect_abuse():
    record(request.json)
    return redirect(request.json["redirect_url"])


def redirect_remedy():
    if urllib.parse.urlparse(request.json["redirect_url"]).hostname not in PARTNERS:
        abort(400)
    return redirect(request.json["redirect_url"])


def redirect_corrected():
    once(verified_event())
    return "", 200


def verified_event():
    """`X-Webhook-Signature`: hex HMAC-SHA256 of `<X-Webhook-Timestamp>.<body>`."""
    if request.mimetype != "application/json":
        abort(415)
    try:
        body = wsgi.read_body(request.environ)
    except Refused as refused:
        abort(refused.status)
    given, stamp = request.headers.get("X-Webhook-Signature", ""), request.headers.get("X-Webhook-Timestamp", "")
    wanted = hmac.new(SECRET.encode(), stamp.encode("latin-1", "replace") + b"." + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(given.encode("latin-1", "replace"), wanted.encode()):
        abort(401)
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12 and abs(time.time() - int(stamp)) <= 300):
        abort(401)
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        abort(400)
    event_id = event.get("id") if isinstance(event, dict) else None
    if not (isinstance(event_id, str) and event_id.isascii() and event_id.isprintable() and 0 < len(event_id) <= 128):
        abort(422)
    return event


def once(event, user="1"):
    digest = hashlib.sha256(repr(event).encode()).hexdigest()
    outcome = store.apply_once(event["id"], digest, [event["id"], KNOWN_USERS[user], user])
    if outcome == "conflict":
        abort(409)
    return outcome


HANDLERS = {
    "signed": {"abuse": signed_abuse, "remedy": signed_remedy, "corrected": signed_corrected},
    "event": {"abuse": event_abuse, "remedy": event_remedy, "corrected": signed_corrected},
    "user": {"abuse": user_abuse, "remedy": user_remedy, "corrected": user_corrected},
    "callback": {"abuse": callback_abuse, "remedy": callback_remedy, "corrected": callback_corrected},
    "redirect": {"abuse": redirect_abuse, "remedy": redirect_remedy, "corrected": redirect_corrected},
}
for name, versions in HANDLERS.items():
    app.add_url_rule(f"/webhooks/{name}", name, versions[VERSION], methods=["POST"], provide_automatic_options=False)


@app.get("/_effects")
def effects():
    return {"count": store.effects(request.args.get("id"), request.args.get("account"))}


store.create()
wsgi.serve(app)
