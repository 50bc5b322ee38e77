"""The socket `/ws`: orders and rooms of an account, one JSON object a message. README.md beside `targets` has the words."""
import asyncio
import json
import time

from starlette.websockets import WebSocketDisconnect

import access
from orders import ORDERS
from twin import fault

ORIGINS = {"https://app.example.com"}
MAX_MESSAGE_BYTES = 65536
MESSAGES_A_MINUTE = 100
CHECK_SECONDS = 0.1
open_channels = set()
seen_nonces = set()
payments = {}


async def channel(websocket):
    principal = principal_of(websocket)
    if principal is None:
        # Before the accept: the handshake is answered 403.
        await websocket.close()
        return
    await websocket.accept()
    opened = Opened(websocket, principal)
    open_channels.add(opened)
    watch = asyncio.create_task(opened.watch_session())
    try:
        while True:
            await opened.on_text(await opened.receive())
    except (WebSocketDisconnect, RuntimeError):
        pass
    finally:
        watch.cancel()
        open_channels.discard(opened)


class Anybody:
    name, account, role, token = "anybody", "acct_a", "admin", None


def principal_of(websocket):
    headers = websocket.headers
    origin = headers.get("origin")
    is_allowed = origin in ORIGINS or fault("ws-any-origin") or (origin == "null" and fault("ws-null-origin"))
    if origin is not None and not is_allowed:
        return None
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        # A cookie comes along by itself, so it counts only from pages of ours, with the token that only those have.
        token = websocket.cookies.get("session") if origin is not None else None
        is_ours = token is not None and access.csrf_tokens.get(token) == websocket.query_params.get("csrf")
        if not is_ours and not fault("ws-no-csrf"):
            token = None
    if token is None and fault("ws-query-token"):
        token = websocket.query_params.get("token")
    principal = access.principal_of(token)
    if principal is None and token in access.sessions and fault("ws-expired-accepted"):
        principal = access.Principal(access.sessions[token][0], token)
    return Anybody() if principal is None and fault("ws-no-auth") else principal


class Opened:
    def __init__(self, websocket, principal):
        self.websocket, self.principal = websocket, principal
        self.rooms, self.times = set(), []
        # What the sender calls the message in hand.
        self.ref = None

    async def receive(self):
        message = await self.websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1000))
        return message.get("text") or message.get("bytes") or ""

    async def watch_session(self):
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            has_ended = self.principal.token is not None and access.principal_of(self.principal.token) is None
            if has_ended and not (fault("ws-outlives-session") or fault("ws-expired-accepted")):
                await self.websocket.close(4401)
                return

    async def on_text(self, text):
        now = time.monotonic()
        self.times = [*(at for at in self.times if at > now - 60), now]
        if len(self.times) > MESSAGES_A_MINUTE and not fault("ws-no-rate-limit"):
            return await self.websocket.close(1008)
        if len(text) > MAX_MESSAGE_BYTES and not fault("ws-no-size-limit"):
            return await self.websocket.close(1009)
        self.ref = None
        try:
            message = json.loads(text)
            if not isinstance(message, dict) or not isinstance(message.get("type"), str):
                raise ValueError("not a message")
        except (ValueError, RecursionError):
            if fault("ws-no-validation"):
                return await self.reply({"type": "ok"})
            return await self.reply({"type": "error", "reason": "not a message"})
        await self.on_message(message)

    async def on_message(self, message):
        self.ref = message.get("ref")
        kind = message["type"]
        if kind == "ping":
            return await self.reply({"type": "pong"})
        if kind in ("read", "pay"):
            return await self.on_order(kind, message)
        if kind in ("join", "post"):
            return await self.on_room(kind, message)
        await self.reply({"type": "ok"} if fault("ws-no-validation") else {"type": "error", "reason": "unknown type"})

    async def on_order(self, kind, message):
        order = ORDERS.get(message.get("order")) if isinstance(message.get("order"), str) else None
        if order is None or (order["account"] != self.principal.account and not fault("ws-object-swap")):
            return await self.reply({"type": "error", "reason": "no such order"})
        if kind == "read":
            return await self.reply({"type": "order", **order})
        nonce = (self.principal.name, message.get("nonce"))
        if not isinstance(nonce[1], str) or (nonce in seen_nonces and not fault("ws-nonce-replay")):
            return await self.reply({"type": "error", "reason": "a new nonce, please"})
        seen_nonces.add(nonce)
        payments[order["id"]] = payments.get(order["id"], 0) + 1
        await self.reply({"type": "paid", "order": order["id"], "payments": payments[order["id"]]})

    async def on_room(self, kind, message):
        room = message.get("room")
        if room != self.principal.account and not (kind == "join" and fault("ws-room-join")):
            return await self.reply({"type": "error", "reason": "not your room"})
        if kind == "join":
            self.rooms.add(room)
            return await self.reply({"type": "joined", "room": room})
        said = {"type": "message", "room": room, "from": self.principal.name, "text": str(message.get("text"))[:500]}
        for each in list(open_channels):
            if room in each.rooms or fault("ws-broadcast-leak"):
                await each.send(said)

    async def reply(self, value):
        await self.send(value if self.ref is None else {**value, "ref": self.ref})

    async def send(self, value):
        try:
            await self.websocket.send_text(json.dumps(value))
        except RuntimeError:
            # It closed meanwhile.
            pass
