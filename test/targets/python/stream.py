"""Server-sent events: an account's balance, for the people of that account."""
import json
import time

import access
from twin import Refused, fault, readable_by_page

HEARTBEAT_SECONDS = 0.1
STREAM_SECONDS = 30


def open_stream(call):
    """Returns the headers and a generator of (pause before it, text); raises Refused."""
    token = call.query.get("token") if fault("sse-query-token") else None
    if token is not None:
        principal = access.principal_of(token)
        if principal is None:
            raise Refused(401, "sign in first")
    else:
        principal = None if fault("sse-no-auth") else access.require(call)
    account = call.query.get("account") or (principal.account if principal else "acct_a")
    if principal is not None and account != principal.account and not fault("sse-unbound"):
        raise Refused(403, "not your account")
    caching = "public, max-age=60" if fault("sse-cacheable") else "no-store"
    headers = [("content-type", "text/event-stream"), ("cache-control", caching)]
    if fault("sse-any-page"):
        headers += readable_by_page(call)
    return headers, ticks(principal, account)


def ticks(principal, account):
    ends = time.monotonic() + STREAM_SECONDS
    number = 0
    while time.monotonic() < ends:
        # The session is asked for again at each step: a stream does not outlive it.
        has_ended = principal is not None and access.principal_of(principal.token) is None
        if has_ended and not fault("sse-outlives-session"):
            return
        number += 1
        yield 0 if number == 1 else HEARTBEAT_SECONDS, f"id: {number}\ndata: {json.dumps({'account': account, 'balance': number})}\n\n"
