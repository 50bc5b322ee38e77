"""The service's routes, for whichever framework serves them: (method, path with {names}, handler)."""
import access
import jobs
import limits
import orders
import store
import webhook
from twin import fault

ANY_METHOD = ("POST", "GET", "PUT", "PATCH", "DELETE")
WEBHOOK = "/webhooks/stripe"


def show_effects(call):
    return 200, {"count": store.effects(call.query.get("id"), call.query.get("account"))}


PLAIN = [
    *((method, WEBHOOK, webhook.receive) for method in (ANY_METHOD if fault("any-method") else ("POST",))),
    ("GET", "/_effects", show_effects),
    ("POST", "/_role", access.set_role),
    ("POST", "/_limit", limits.set_limit),
    ("POST", "/login", access.login),
    ("POST", "/logout", access.logout),
    *((method, "/orders/{id}", orders.show) for method in (ANY_METHOD + ("TRACE",) if fault("rest-methods") else ("GET",))),
    ("POST", "/jobs", jobs.create),
    ("GET", "/jobs/{id}", jobs.status),
    ("POST", "/jobs/{id}/cancel", jobs.cancel),
    ("PUT", "/jobs/{id}/callback", jobs.callback),
    ("GET", "/jobs/{id}/result", jobs.result),
    ("GET", "/downloads/{token}", jobs.download),
]
ROUTES = [(method, path, limits.limited(path, handler)) for method, path, handler in PLAIN]
STREAM = "/stream"


def by_path():
    """{path: {method: handler}}, for frameworks that want one function a path."""
    grouped = {}
    for method, path, handler in ROUTES:
        grouped.setdefault(path, {})[method] = handler
    return grouped
