"""What all Python twins have in common: how they are switched, and what passes between a framework and the service.

A twin is sound unless FAULTS names what is wrong with it. Every fault is one `if fault(...)` beside the sound line it
replaces, so that both can be read together.
"""
import json
import os
import sys
import threading
import traceback

FAULTS = frozenset(filter(None, os.environ.get("FAULTS", "").split(",")))
SECRET = os.environ["WEBHOOK_SECRET"]
SINK_URL = os.environ.get("SINK_URL")
# The account this endpoint was set up for; an event of another account is not for it, whatever it says.
ACCOUNT = "acct_a"
MAX_BODY_BYTES = 1024 * 1024
BODY_SECONDS = float(os.environ.get("BODY_SECONDS", "3"))
JOB_KEPT_SECONDS = float(os.environ.get("JOB_KEPT_SECONDS", "10"))
RESULT_TTL_SECONDS = float(os.environ.get("RESULT_TTL_SECONDS", "2"))


def fault(name):
    return name in FAULTS


class Refused(Exception):
    def __init__(self, status, reason):
        super().__init__(reason)
        self.status, self.reason = status, reason


class Call:
    """A request without its framework. `headers` are pairs as received, names in lower case; `query` is a dict."""

    def __init__(self, method, headers, query, body=b"", params=None, path=""):
        self.method, self.headers, self.query, self.body = method, headers, query, body
        self.params = params or {}
        # As it was written.
        self.path = path

    def all(self, name):
        return [value for key, value in self.headers if key == name]

    def first(self, name):
        return next(iter(self.all(name)), None)

    def json(self):
        try:
            lossy = self.body.decode("utf-8", "replace") if fault("lossy-utf8") else self.body
            value = json.loads(lossy or b"{}")
        except (ValueError, RecursionError):
            raise Refused(400, "not JSON")
        if not isinstance(value, dict):
            raise Refused(400, "not a JSON object")
        return value


def answer(handler, call):
    """Runs a handler. Returns (status, headers, bytes): nothing a handler raises reaches the framework."""
    try:
        status, value, *more = handler(call)
        headers = more[0] if more else []
    except Refused as refused:
        status, value, headers = refused.status, {"error": refused.reason}, []
    except Exception as error:
        status, headers = 500, []
        value = {"error": "internal"}
        if fault("stack-trace"):
            value = {"error": str(error), "trace": traceback.format_exc()}
    return status, [*common_headers(call), *headers], json.dumps(value).encode()


def common_headers(call):
    headers = [("content-type", "application/json"), ("x-content-type-options", "nosniff")]
    if not fault("no-rate-headers"):
        headers += [("ratelimit-limit", "10000"), ("ratelimit-remaining", "9999"), ("ratelimit-reset", "60")]
    if fault("fingerprint"):
        headers += [("x-powered-by", "Twin/1.2.3"), ("server", "Twin/1.2.3 Python/3.11.2")]
    if fault("cors-reflected"):
        headers += readable_by_page(call)
    return headers


def readable_by_page(call):
    """Lets whatever page asks read the answer, with the credentials that a browser adds."""
    origin = call.first("origin")
    if origin is None:
        return []
    return [("access-control-allow-origin", origin), ("access-control-allow-credentials", "true")]


def end_with_the_tests():
    """The tests hold our standard input: when it ends, they did."""

    def wait():
        sys.stdin.buffer.read()
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


if os.environ.get("END_WITH_STDIN"):
    end_with_the_tests()
