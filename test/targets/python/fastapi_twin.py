"""The twin in FastAPI on uvicorn; with the socket that the other two have no server for."""
import asyncio
import os
import socket

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import Response, StreamingResponse
from starlette.concurrency import run_in_threadpool

import routes
import store
import stream
from channel import channel
from twin import BODY_SECONDS, MAX_BODY_BYTES, Call, Refused, answer, common_headers, fault

app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)


async def read_body(request):
    """@raises Refused 413, 408: FastAPI has no limit of its own, of size or of time."""
    length = request.headers.get("content-length")
    if length is not None and int(length) > MAX_BODY_BYTES and not fault("no-limit"):
        raise Refused(413, "too large")
    limit = None if fault("no-limit") or (length is None and fault("chunked-no-limit")) else MAX_BODY_BYTES
    try:
        return await asyncio.wait_for(collect(request, limit), None if fault("slow-body") else BODY_SECONDS)
    except asyncio.TimeoutError:
        raise Refused(408, "the body did not arrive")


async def collect(request, limit):
    parts, size = [], 0
    async for part in request.stream():
        parts.append(part)
        size += len(part)
        if limit is not None and size > limit:
            raise Refused(413, "too large")
    return b"".join(parts)


def call_of(request):
    pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw]
    return Call(request.method, pairs, dict(request.query_params), b"", dict(request.path_params), request.scope["raw_path"].decode("latin-1"))


def view(handler):
    async def respond(request: Request):
        call = call_of(request)
        problem = None
        try:
            call.body = await read_body(request)
        except Refused as refused:
            problem = refused

        def run(call):
            if problem is not None:
                raise problem
            return handler(call)

        # Threads, as sqlite and a slow callback would hold up everybody else.
        status, headers, body = await run_in_threadpool(answer, run, call)
        return with_headers(Response(body, status), headers)

    return respond


def with_headers(response, headers):
    for name, value in headers:
        response.headers.append(name, value) if name == "set-cookie" else response.headers.__setitem__(name, value)
    return response


for method, path, handler in routes.ROUTES:
    app.add_api_route(path, view(handler), methods=[method])


@app.get(routes.STREAM)
async def open_stream(request: Request):
    call = call_of(request)
    try:
        headers, steps = stream.open_stream(call)
    except Refused as refused:
        return with_headers(Response(b'{"error": "refused"}', refused.status), common_headers(call))

    async def text():
        for pause, step in steps:
            await asyncio.sleep(pause)
            yield step

    return with_headers(StreamingResponse(text(), media_type="text/event-stream"), headers)


app.add_websocket_route("/ws", channel)

store.create()
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", int(os.environ.get("PORT", "0"))))
listener.listen(256)
config = uvicorn.Config(app, log_level="critical", server_header=False, ws="wsproto", http="h11", ws_max_size=65536)
print(f"listening {listener.getsockname()[1]}", flush=True)
uvicorn.Server(config).run(sockets=[listener])
