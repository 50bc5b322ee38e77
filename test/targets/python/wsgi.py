"""What Flask and Django twins share: a threaded server, and a body that is read within a size and a time.

Neither framework bounds a chunked body by itself (Flask 2.2 checks MAX_CONTENT_LENGTH against the header only, and
only for forms; Django 3.2 reads CONTENT_LENGTH bytes), so the sound twin reads the socket's stream on its own.
"""
import os
import socket
import threading

from werkzeug.serving import WSGIRequestHandler, make_server

from twin import BODY_SECONDS, MAX_BODY_BYTES, Refused, fault

CHUNK = 65536


class QuietHandler(WSGIRequestHandler):
    server_version = "twin"
    sys_version = ""

    def log(self, *_):
        pass

    def send_header(self, name, value):
        # The server's own line would tell what it is; a twin that shall tell sets the header itself.
        if name.lower() == "server" and value.strip() == "twin":
            return
        super().send_header(name, value)


def read_body(environ):
    """@raises Refused 411, 413, 408."""
    stream = environ["wsgi.input"]
    is_chunked = environ.get("HTTP_TRANSFER_ENCODING", "").strip().lower() == "chunked"
    length = int(environ.get("CONTENT_LENGTH") or 0)
    no_limit = fault("no-limit")
    if not no_limit and not is_chunked and length > MAX_BODY_BYTES:
        drain(environ, length)
        raise Refused(413, "too large")
    limit = None if no_limit or (is_chunked and fault("chunked-no-limit")) else MAX_BODY_BYTES
    timer = None
    if not fault("slow-body"):
        timer = threading.Timer(BODY_SECONDS, stop_reading, [environ["werkzeug.socket"]])
        timer.daemon = True
        timer.start()
    try:
        body = read_chunks(stream, limit) if is_chunked else read_length(stream, length)
    except OSError:
        raise Refused(408, "the body did not arrive")
    finally:
        if timer is not None:
            timer.cancel()
    if not is_chunked and len(body) < length:
        raise Refused(408, "the body did not arrive")
    return body


def read_length(stream, length):
    parts, left = [], length
    while left > 0:
        part = stream.read(min(left, CHUNK))
        if not part:
            break
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def read_chunks(stream, limit):
    parts, size = [], 0
    while True:
        part = stream.read(CHUNK)
        if not part:
            return b"".join(parts)
        parts.append(part)
        size += len(part)
        if limit is not None and size > limit:
            raise Refused(413, "too large")


def stop_reading(connection):
    try:
        connection.shutdown(socket.SHUT_RD)
    except OSError:
        pass


def drain(environ, length):
    """Takes a little of what is under way: a socket closed over unread bytes resets, and the answer is lost."""
    environ["werkzeug.socket"].settimeout(0.2)
    try:
        left = min(length, 4 * MAX_BODY_BYTES)
        while left > 0:
            part = environ["wsgi.input"].read(min(left, CHUNK))
            if not part:
                return
            left -= len(part)
    except OSError:
        pass


def headers_of(environ):
    named = [(key[5:].replace("_", "-").lower(), value) for key, value in environ.items() if key.startswith("HTTP_")]
    plain = [(key.replace("_", "-").lower(), environ[key]) for key in ("CONTENT_TYPE", "CONTENT_LENGTH") if environ.get(key)]
    return named + plain


def serve(application):
    server = make_server("127.0.0.1", int(os.environ.get("PORT", "0")), application, threaded=True, request_handler=QuietHandler)
    print(f"listening {server.server_port}", flush=True)
    server.serve_forever()
