"""REST as everybody has it: orders that belong to an account."""
import access
from twin import Refused, fault

ORDERS = {
    "1": {"id": "1", "account": "acct_a", "total": 1200},
    "2": {"id": "2", "account": "acct_b", "total": 3400},
}


def show(call):
    account = None if fault("rest-no-auth") else access.require(call).account
    if call.params["id"] == "boom" and fault("stack-trace"):
        raise KeyError("no such order: boom")
    order = ORDERS.get(call.params["id"])
    is_theirs = order is not None and (account == order["account"] or fault("rest-bola") or fault("rest-no-auth"))
    if not is_theirs:
        raise Refused(404, "no such order")
    shown = {**order}
    if fault("rest-pii"):
        shown |= {"card": "4242424242424242", "ssn": "078-05-1120", "aws": "AKIA" + "IOSFODNN7EXAMPLE"}
    return 200, shown, [("cache-control", "no-store")]
