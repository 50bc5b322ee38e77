/** Which surfaces are found in Python code, with the route, kind and line that a reader would name. */
import { beforeAll, describe, expect, test } from 'vitest'
import { type Grammars, loadGrammars } from '../parse/grammars.ts'
import { createProgram } from '../project/program.ts'
import { parsingTree } from '../project/source-tree.ts'
import type { DiscoveredSurface } from '../surface.ts'
import { DISCOVERIES } from './registry.ts'

let grammars: Grammars

beforeAll(async () => {
  grammars = await loadGrammars(new Set(['python']))
})

function discovered(files: Readonly<Record<string, string>>): readonly DiscoveredSurface[] {
  const tree = parsingTree(
    (path) => files[path],
    (path) => files[path] !== undefined,
    grammars,
    () => 0,
  )
  const modules = Object.keys(files).flatMap((file) => tree.module(file) ?? [])
  const project = { program: createProgram(tree), modules }
  return modules.flatMap((module) => DISCOVERIES.flatMap((discover) => discover(module, project)))
}

/** `framework METHOD path file:line` */
function named(files: Readonly<Record<string, string>>): readonly string[] {
  return discovered(files)
    .map(
      ({ framework, methods, path, module, at, kind }) =>
        `${framework}${kind === 'socket' ? ' socket' : ''} ${methods.join('|') || '*'} ${path ?? '?'} ${module.file}:${at.line}`,
    )
    .sort()
}

const VIEW = `from django.http import HttpResponse
def hook(request):
    return HttpResponse()
`

describe('Django', () => {
  test('a view has the route of its URLconf, with the prefixes of the includes above', () => {
    expect(
      named({
        'site/urls.py': `from django.urls import include, path
urlpatterns = [path("api/", include("shop.urls")), path("v2/", include(("shop.more", "more")))]`,
        'shop/urls.py': `from django.urls import path
from . import views
urlpatterns = [path("hooks/<int:pk>/", views.hook)]`,
        'shop/more.py': `from django.urls import re_path
from shop.views import hook
urlpatterns = [re_path(r"^in/(?P<name>\\w+)/$", hook)]`,
        'shop/views.py': VIEW,
      }),
    ).toEqual(['django * /api/hooks/<int:pk>/ shop/views.py:2', 'django * /v2/in/<name>/ shop/views.py:2'])
  })

  test('lists that are added up, extended and included by name are one URLconf', () => {
    expect(
      named({
        'urls.py': `from django.conf.urls import url
from django.urls import include, path
import views
inner = [path("a/", views.hook)]
urlpatterns = [path("in/", include(inner))] + [url(r"^b/$", views.hook)]
urlpatterns += [path("c/", views.hook)]
urlpatterns.append(path("d/", views.hook))`,
        'views.py': VIEW,
      }),
    ).toEqual([
      'django * /b/ views.py:2',
      'django * /c/ views.py:2',
      'django * /d/ views.py:2',
      'django * /in/a/ views.py:2',
    ])
  })

  test('includes that lead in a circle end', () => {
    expect(
      named({
        'a.py': 'from django.urls import include, path\nurlpatterns = [path("x/", include("b"))]',
        'b.py': 'from django.urls import include, path\nurlpatterns = [path("y/", include("a"))]',
      }),
    ).toEqual([])
  })

  test('a view that no URLconf names is a surface of unknown route; a helper is none', () => {
    expect(
      named({
        'views.py': `from django.http import HttpResponse
from django.views import View
def check(request):
    return HttpResponse(status=400)
def hook(request):
    if check(request):
        return HttpResponse()
class Other(View):
    def post(self, request):
        return HttpResponse()
`,
      }),
    ).toEqual(['django * ? views.py:5', 'django POST ? views.py:9'])
  })

  test('each method of a class-based view is a surface, inherited ones too', () => {
    expect(
      named({
        'base.py': `from django.views import View
class Base(View):
    def post(self, request):
        return self.handle(request)
`,
        'views.py': `from django.utils.decorators import method_decorator
from base import Base
class Hook(Base):
    def get(self, request):
        return None
`,
        'urls.py': `from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from views import Hook
urlpatterns = [path("hook/", csrf_exempt(Hook.as_view()))]`,
      }),
    ).toEqual(['django GET /hook/ views.py:4', 'django POST /hook/ base.py:3'])
  })

  test('methods are what the decorator allows', () => {
    expect(
      named({
        'views.py': `from django.views.decorators.http import require_POST, require_http_methods
@require_POST
def a(request): pass
@require_http_methods(["POST", "PUT"])
def b(request): pass
`,
      }),
    ).toEqual(['django POST ? views.py:3', 'django POST|PUT ? views.py:5'])
  })

  test('middleware of the settings runs first, decorators that only allow are gone', () => {
    const [surface] = discovered({
      'site/settings.py': 'MIDDLEWARE = ["django.middleware.common.CommonMiddleware", "site.guard.Guard"]',
      'site/guard.py': `class Guard:
    def __init__(self, get_response):
        self.get_response = get_response
    def __call__(self, request):
        return self.get_response(request)
`,
      'site/views.py': `from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt
@csrf_exempt
@own
def hook(request):
    return HttpResponse()
`,
    })
    expect(surface?.chain.map(({ role, run }) => `${role} ${run.fn?.name}`)).toEqual([
      'middleware __call__',
      'handler hook',
    ])
    expect(surface?.chain.at(-1)?.run.fn?.decorators).toHaveLength(1)
  })
})

describe('Django REST framework', () => {
  test('routers give a viewset its routes, actions included', () => {
    expect(
      named({
        'api.py': `from rest_framework import viewsets
from rest_framework.decorators import action
class Jobs(viewsets.GenericViewSet):
    def retrieve(self, request, pk=None): pass
    @action(detail=True, methods=["post"], url_path="stop")
    def cancel(self, request, pk=None): pass
`,
        'urls.py': `from django.urls import include, path
from rest_framework.routers import DefaultRouter
from api import Jobs
router = DefaultRouter()
router.register(r"jobs", Jobs, basename="job")
urlpatterns = [path("api/", include(router.urls))]`,
      }),
    ).toEqual(['drf GET /api/jobs/<pk>/ api.py:4', 'drf POST /api/jobs/<pk>/stop/ api.py:6'])
  })

  test('what a generic class brings is a surface where the class stands', () => {
    expect(
      named({
        'api.py': `from rest_framework.generics import CreateAPIView
class Hooks(CreateAPIView):
    serializer_class = HookSerializer
`,
        'urls.py': 'from django.urls import path\nimport api\nurlpatterns = [path("hooks", api.Hooks.as_view())]',
      }),
    ).toEqual(['drf POST /hooks api.py:2'])
  })

  test('own permission classes run as guards, those of packages count by name', () => {
    const [surface] = discovered({
      'api.py': `from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import BasePermission, IsAuthenticated
class Signed(BasePermission):
    def has_permission(self, request, view):
        return False
@api_view(["POST"])
@permission_classes([Signed, IsAuthenticated])
def hook(request): pass
`,
    })
    expect(surface?.framework).toBe('drf')
    expect(surface?.methods).toEqual(['POST'])
    expect(surface?.chain.map(({ role, run }) => `${role} ${run.fn?.name}`)).toEqual([
      'guard has_permission',
      'handler hook',
    ])
    expect(surface?.guards.map(({ name }) => name)).toEqual(['permission IsAuthenticated'])
  })
})

describe('sockets', () => {
  test('a consumer has its route, and the origin validator around it is seen', () => {
    const files = {
      'asgi.py': `from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from channels.auth import AuthMiddlewareStack
import routing
application = ProtocolTypeRouter({"websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(routing.websocket_urlpatterns)))})`,
      'routing.py': `from django.urls import re_path
import consumers
websocket_urlpatterns = [re_path(r"^ws/(?P<room>\\w+)/$", consumers.Chat.as_asgi())]`,
      'consumers.py': `from channels.generic.websocket import AsyncJsonWebsocketConsumer
class Chat(AsyncJsonWebsocketConsumer):
    async def connect(self):
        self.user = self.scope["user"]
    async def receive_json(self, content):
        pass
`,
    }
    expect(named(files)).toEqual(['channels socket * /ws/<room>/ consumers.py:2'])
    expect(discovered(files)[0]?.socket).toMatchObject({ origin: 'checked', cookieAuth: true })
  })

  test.each([
    [
      'Flask-SocketIO',
      `from flask_socketio import SocketIO
socketio = SocketIO(app, cors_allowed_origins="*")
@socketio.on("connect")
def connect(auth): pass
@socketio.on("say", namespace="/chat")
def say(data): pass
`,
      ['flask-socketio socket * /chat app.py:6', 'flask-socketio socket * ? app.py:4'],
    ],
    [
      'Flask-Sock',
      `from flask import Flask
from flask_sock import Sock
app = Flask(__name__)
sock = Sock(app)
@sock.route("/echo")
def echo(ws):
    ws.send(ws.receive())
`,
      ['flask socket * /echo app.py:6'],
    ],
    [
      'Starlette',
      `from starlette.routing import WebSocketRoute
async def live(websocket): pass
routes = [WebSocketRoute("/live", live)]
`,
      ['starlette socket * /live app.py:2'],
    ],
    [
      'Tornado',
      `import tornado.web, tornado.websocket
class Live(tornado.websocket.WebSocketHandler):
    def check_origin(self, origin):
        return True
    def on_message(self, message): pass
app = tornado.web.Application([(r"/live", Live)])
`,
      ['tornado socket * /live app.py:2'],
    ],
    [
      'websockets',
      `import websockets
async def handler(websocket):
    async for message in websocket: pass
start = websockets.serve(handler, "0.0.0.0", 8765)
`,
      ['websockets socket * ? app.py:2'],
    ],
  ])('%s', (_, code, expected) => {
    expect(named({ 'app.py': code })).toEqual(expected)
  })
})

describe('other ways to answer', () => {
  test.each([
    [
      'aiohttp, by table and by call',
      `from aiohttp import web
routes = web.RouteTableDef()
@routes.post("/hook")
async def hook(request): pass
async def other(request): pass
async def live(request):
    ws = web.WebSocketResponse()
app = web.Application()
app.router.add_get("/other", other)
app.add_routes([web.get("/live", live)])
`,
      ['aiohttp GET /other app.py:5', 'aiohttp POST /hook app.py:4', 'aiohttp socket * /live app.py:6'],
    ],
    [
      'a Tornado handler',
      `from tornado.web import Application, RequestHandler
class Hook(RequestHandler):
    def post(self): pass
app = Application([("/hook", Hook)])
`,
      ['tornado POST /hook app.py:3'],
    ],
    [
      'a Lambda function that answers HTTP',
      `def lambda_handler(event, context):
    return {"statusCode": 200, "body": event["body"]}
def on_timer(event, context):
    return None
`,
      ['serverless * ? app.py:1'],
    ],
    [
      'a Google Cloud Function',
      `import functions_framework
@functions_framework.http
def hook(request): pass
`,
      ['serverless * ? app.py:3'],
    ],
  ])('%s', (_, code, expected) => {
    expect(named({ 'app.py': code })).toEqual(expected)
  })
})

test.each([
  ['nothing', ''],
  ['half a file', 'from django.urls import path\nurlpatterns = [path("a/", include('],
  ['a view that is no name', 'from django.urls import path\nurlpatterns = [path("a/", 3), path(x, y), path()]'],
  [
    'a class that is its own base',
    'from django.views import View\nclass A(A, View):\n    pass\nurlpatterns = [path("", A.as_view())]',
  ],
  ['deep nesting', `from django.urls import path\nurlpatterns = ${'['.repeat(200)}${']'.repeat(200)}`],
])('%s does no harm', (_, code) => {
  expect(named({ 'urls.py': code })).toEqual([])
})

describe('Flask, FastAPI and Starlette', () => {
  test.each([
    [
      'nested blueprints, the registration replacing the prefix',
      {
        'app.py': `from flask import Flask
from hooks import parent
def create_app():
    app = Flask(__name__)
    app.register_blueprint(parent, url_prefix="/v1")
    return app
`,
        'hooks.py': `from flask import Blueprint
parent = Blueprint("parent", __name__, url_prefix="/old")
child = Blueprint("child", __name__, url_prefix="/child")
parent.register_blueprint(child)
@child.post("/hook")
def hook(): pass
`,
      },
      ['flask POST /v1/child/hook hooks.py:6'],
    ],
    [
      'a blueprint made in a factory, and a view by rule',
      {
        'app.py': `from flask import Blueprint
def make():
    bp = Blueprint("b", __name__, url_prefix="/b")
    @bp.route("/hook", methods=["POST"])
    def hook(): pass
    bp.add_url_rule("/other", view_func=other, methods=["PUT"])
    return bp
def other(): pass
`,
      },
      ['flask POST /b/hook app.py:5', 'flask PUT /b/other app.py:8'],
    ],
    [
      'a resource class under a decorator',
      {
        'api.py': `from flask_restx import Namespace, Resource
ns = Namespace("hooks", path="/hooks")
@ns.route("/in")
class Hook(Resource):
    def post(self): pass
`,
      },
      ['flask POST /in api.py:5'],
    ],
    [
      'routers within routers',
      {
        'main.py': `from fastapi import FastAPI
from api import api
app = FastAPI()
app.include_router(api, prefix="/api")
`,
        'api.py': `from fastapi import APIRouter
import hooks
PREFIX = "/v2"
api = APIRouter(prefix=PREFIX)
api.include_router(hooks.router, prefix="/hooks")
`,
        'hooks.py': `from fastapi import APIRouter
router = APIRouter()
@router.post("/in")
async def hook(): pass
`,
      },
      ['fastapi POST /api/v2/hooks/in hooks.py:4'],
    ],
    [
      'mounted routes',
      {
        'app.py': `from starlette.routing import Mount, Route
async def hook(request): pass
routes = [Mount("/api", routes=[Route("/in", hook, methods=["POST"])])]
`,
      },
      ['starlette POST /api/in app.py:2'],
    ],
  ])('%s', (_, files, expected) => {
    expect(named(files as Readonly<Record<string, string>>)).toEqual(expected)
  })

  test('what runs first: hooks by call, middleware, dependencies of the application and of the inclusion', () => {
    const flask = discovered({
      'app.py': `from flask import Flask
app = Flask(__name__)
app.before_request(check)
def check(): pass
@app.post("/hook")
def hook(): pass
`,
    })
    expect(flask[0]?.chain.map(({ role }) => role)).toEqual(['middleware', 'handler'])
    const fast = discovered({
      'app.py': `from fastapi import APIRouter, Depends, FastAPI
router = APIRouter()
app = FastAPI(dependencies=[Depends(a)])
app.include_router(router, dependencies=[Depends(b)])
@app.middleware("http")
async def signed(request, call_next):
    return await call_next(request)
@router.post("/hook", dependencies=[Depends(c)])
async def hook(): pass
`,
    })
    expect(
      fast[0]?.chain.map(
        ({ role, run }) => `${role} ${run.expression?.kind === 'name' ? run.expression.name : run.fn?.name}`,
      ),
    ).toEqual(['middleware signed', 'dependency a', 'dependency b', 'dependency c', 'handler hook'])
  })
})
