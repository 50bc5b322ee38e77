"""The twin in Flask."""
import re
import time

from flask import Flask, Response, request

import routes
import store
import stream
import wsgi
from twin import Call, Refused, answer, common_headers, fault

app = Flask(__name__)


def call_of(params, with_body=True):
    body = wsgi.read_body(request.environ) if with_body else b""
    return Call(request.method, wsgi.headers_of(request.environ), request.args.to_dict(), body, params, request.environ["RAW_URI"])


def view(handler):
    def respond(**params):
        call = call_of(params, with_body=False)

        def run(call):
            call.body = wsgi.read_body(request.environ)
            return handler(call)

        status, headers, body = answer(run, call)
        return Response(body, status, [header for header in headers])

    return respond


for number, (method, path, handler) in enumerate(routes.ROUTES):
    rule = re.sub(r"\{(\w+)\}", r"<\1>", path)
    app.add_url_rule(rule, f"route{number}", view(handler), methods=[method], provide_automatic_options=fault("rest-methods"))


@app.get(routes.STREAM)
def open_stream():
    call = call_of({}, with_body=False)
    try:
        headers, steps = stream.open_stream(call)
    except Refused as refused:
        return Response('{"error": "refused"}', refused.status, common_headers(call))

    def text():
        for pause, step in steps:
            time.sleep(pause)
            yield step

    return Response(text(), 200, headers)


store.create()
wsgi.serve(app)
