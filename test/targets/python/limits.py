"""How many requests one sender may make. Off until the tests say how many: they ask more than anybody else."""
import math
import threading
import time

from twin import fault

allowed = {"requests": math.inf, "seconds": 1}
windows = {}
lock = threading.Lock()


def set_limit(call):
    """POST /_limit {requests, seconds}: not a route of the service but the tests' hand on its settings."""
    wanted = call.json()
    with lock:
        allowed.update(requests=wanted["requests"], seconds=wanted["seconds"])
        windows.clear()
    return 200, {}


def limited(path, handler):
    """Before anything else is done with a request: the check of a signature is what a flood would have us pay for."""
    kind = "webhook" if path.startswith("/webhooks/") else "rest"
    if path.startswith("/_") or fault(f"{kind}-no-rate-limit"):
        return handler

    def within(call):
        sender = call.first("x-forwarded-for") if fault(f"{kind}-forged-sender") else None
        wait = seconds_to_wait((path, sender))
        if wait == 0:
            return handler(call)
        headers = [] if fault("no-rate-headers") else [("retry-after", str(wait))]
        return 429, {"error": "too many requests"}, headers

    return within


def seconds_to_wait(key):
    now = time.time()
    with lock:
        ends, count = windows.get(key, (0, 0))
        if now >= ends:
            ends, count = now + allowed["seconds"], 0
        windows[key] = (ends, count + 1)
        return 0 if count < allowed["requests"] else max(1, math.ceil(ends - now))
