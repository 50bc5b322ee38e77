"""The twin in Django."""
import re
import time

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, HttpResponseNotAllowed, StreamingHttpResponse
from django.urls import re_path

import routes
import store
import stream
import wsgi
from twin import Call, Refused, answer, common_headers

settings.configure(
    DEBUG=False,
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="only for the tests of a twin",
    MIDDLEWARE=[],
    LOGGING_CONFIG=None,
    APPEND_SLASH=False,
)
django.setup()


def call_of(request, params):
    return Call(request.method, wsgi.headers_of(request.META), request.GET.dict(), b"", params, request.META["RAW_URI"])


def view(handlers):
    def respond(request, **params):
        handler = handlers.get(request.method)
        if handler is None:
            return HttpResponseNotAllowed(handlers)

        def run(call):
            call.body = wsgi.read_body(request.META)
            return handler(call)

        status, headers, body = answer(run, call_of(request, params))
        return with_headers(HttpResponse(body, status=status), headers)

    return respond


def open_stream(request):
    if request.method != "GET":
        return HttpResponseNotAllowed(["GET"])
    call = call_of(request, {})
    try:
        headers, steps = stream.open_stream(call)
    except Refused as refused:
        return with_headers(HttpResponse(b'{"error": "refused"}', status=refused.status), common_headers(call))

    def text():
        for pause, step in steps:
            time.sleep(pause)
            yield step

    return with_headers(StreamingHttpResponse(text()), headers)


def with_headers(response, headers):
    for name, value in headers:
        response[name] = value
    return response


urlpatterns = [
    *(
        re_path("^" + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path[1:]) + "$", view(handlers))
        for path, handlers in routes.by_path().items()
    ),
    re_path(f"^{routes.STREAM[1:]}$", open_stream),
]

store.create()
wsgi.serve(get_wsgi_application())
