"""Who is asking: people of two accounts, and sessions that end."""
import hmac
import secrets
import threading
import time

from twin import Refused, fault

SESSION_SECONDS = 900
PEOPLE = {
    "alice": {"account": "acct_a", "role": "admin"},
    "amy": {"account": "acct_a", "role": "member"},
    "bob": {"account": "acct_b", "role": "admin"},
}
sessions = {}
# What a page of ours was given beside its cookie, and no other page can read.
csrf_tokens = {}
lock = threading.Lock()


class Principal:
    def __init__(self, name, token):
        self.name, self.token = name, token
        self.account, self.role = PEOPLE[name]["account"], PEOPLE[name]["role"]


def login(call):
    """POST /login {user, password, seconds?}: how long the session shall last; below zero it has ended."""
    wanted = call.json()
    user = wanted.get("user")
    if user not in PEOPLE or not hmac.compare_digest(str(wanted.get("password")).encode(), f"pw-{user}".encode()):
        raise Refused(401, "who are you?")
    token, csrf = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    with lock:
        sessions[token] = (user, time.time() + float(wanted.get("seconds", SESSION_SECONDS)))
        csrf_tokens[token] = csrf
    flags = "" if fault("cookie-flags") else "; HttpOnly; Secure; SameSite=Strict"
    return 200, {"token": token, "csrf": csrf}, [("set-cookie", f"session={token}; Path=/{flags}"), ("cache-control", "no-store")]


def logout(call):
    principal = require(call)
    with lock:
        sessions.pop(principal.token, None)
    return 200, {"status": "bye"}


def set_role(call):
    """POST /_role {user, role}: not a route of the service but the tests' hand on its database."""
    wanted = call.json()
    PEOPLE[wanted["user"]]["role"] = wanted["role"]
    return 200, {}


def principal_of(token):
    with lock:
        user, ends = sessions.get(token, (None, 0))
    return Principal(user, token) if user is not None and time.time() < ends else None


def principal_in(call):
    scheme, _, token = (call.first("authorization") or "").partition(" ")
    return principal_of(token) if scheme.lower() == "bearer" else None


def require(call):
    principal = principal_in(call)
    if principal is None:
        raise Refused(401, "sign in first")
    return principal
