"""The receiver: verify the bytes, read them, check whose they are, and let each event have its effect once."""
import ipaddress
import re
import socket
import threading
import time
import urllib.parse
import urllib.request

import signature
import store
from twin import ACCOUNT, Refused, fault

EVENT_TYPES = {"invoice.paid", "invoice.voided"}
# Whose customers are whose.
CUSTOMERS = {"cus_1": "acct_a", "cus_2": "acct_b", "cus_3": "acct_a", "cus_4": "acct_b"}
CALLBACK_HOSTS = {"hooks.example.com"}
ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
UNSIGNED_ID = re.compile(r"(x-|stripe-|webhook-|svix-|github-)*(event|delivery|request|message|webhook|idempotency)?-?(id|key)")


def receive(call):
    if fault("always-200"):
        try:
            outcome = accept(call)
        except Refused:
            return 200, {"status": "received"}
        return outcome if fault("open-redirect") else (200, {"status": "received"})
    return accept(call)


def accept(call):
    if fault("charset-500") and "utf-16" in (call.first("content-type") or ""):
        raise LookupError("unknown charset")
    content_type = (call.first("content-type") or "").split(";")[0].strip().lower()
    if content_type != "application/json" and not fault("any-content-type"):
        raise Refused(415, "application/json only")
    signature.verify(call, call.all("stripe-signature"))
    event = read(call)
    if event is None:
        return 200, {"status": "received"}
    if event["type"] not in EVENT_TYPES and not fault("unknown-type"):
        return 200, {"status": "ignored"}
    account = event["account"] if fault("tenant-from-body") else ACCOUNT
    if event["account"] != account:
        raise Refused(403, "not an event of this account")
    thing = event["data"]["object"]
    if CUSTOMERS.get(thing["customer"]) != account and not (fault("object-from-body") or fault("tenant-from-body")):
        raise Refused(422, "unknown customer")
    check_callback(thing.get("callback_url"))
    outcome = store.apply_once(*dedupe_key(call, event), [event["id"], account, thing["customer"]])
    if outcome == "conflict":
        raise Refused(409, "this event was received with other content")
    if outcome == "accepted":
        store.deliver(event["id"], call.body)
        follow_callback(thing.get("callback_url"))
    if fault("open-redirect") and "redirect_url" in thing:
        return 302, {}, [("location", thing["redirect_url"])]
    return 200, {"status": "accepted", "duplicate": outcome == "duplicate"}


def read(call):
    try:
        event = call.json()
    except Refused:
        if fault("malformed-accepted"):
            return None
        if fault("malformed-500") or fault("stack-trace"):
            raise ValueError("cannot parse the event")
        raise
    thing = event.get("data", {}).get("object") if isinstance(event.get("data"), dict) else None
    texts = [event.get("id"), event.get("type"), event.get("account"), thing.get("customer") if isinstance(thing, dict) else None]
    if fault("malformed-500"):
        # No check of shape: what is missing is missed further down.
        return event
    if not all(isinstance(text, str) and ID.fullmatch(text) for text in texts):
        raise Refused(422, "not an event")
    if depth_of(event) > 32:
        raise Refused(422, "too deep")
    return event


def depth_of(value):
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [
            inner
            for item in level
            if isinstance(item, (dict, list))
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
    return depth


def dedupe_key(call, event):
    digest = signature.body_digest(call.body)
    if fault("unsigned-dedupe"):
        for name, value in call.headers:
            if UNSIGNED_ID.fullmatch(name):
                return value, digest
    if fault("id-conflict"):
        return f"{event['id']} {digest}", digest
    return event["id"], digest


def check_callback(url):
    if url is None or fault("fetch-callback") or fault("fetch-callback-late"):
        return
    try:
        parts = urllib.parse.urlsplit(url)
        allowed = parts.scheme == "https" and parts.netloc in CALLBACK_HOSTS
    except (ValueError, AttributeError, TypeError):
        allowed = False
    if fault("callback-not-public"):
        allowed = allowed or not leads_to_loopback(url)
    if not allowed:
        raise Refused(422, "callback_url is not one of yours")


def leads_to_loopback(url):
    try:
        return ipaddress.ip_address(socket.gethostbyname(urllib.parse.urlsplit(url).hostname or "")).is_loopback
    except (ValueError, AttributeError, TypeError, OSError):
        return True


def follow_callback(url):
    """The sound twin calls nobody: a callback that passed the check would be the sender's own worker's to call."""
    if not isinstance(url, str):
        return
    if fault("fetch-callback"):
        fetch(url)
    if fault("fetch-callback-late"):
        threading.Thread(target=lambda: (time.sleep(1), fetch(url)), daemon=True).start()
    if fault("callback-not-public") and urllib.parse.urlsplit(url).netloc not in CALLBACK_HOSTS:
        failure = fetch(url)
        if failure is not None:
            raise Refused(422, f"callback_url: {failure}")


def fetch(url):
    try:
        urllib.request.urlopen(url, timeout=1).read(1024)
    except Exception as failure:
        return failure
