import { beforeAll, describe, expect, test } from 'vitest'
import { examineProject } from '../examine-project.ts'
import { type Grammars, loadGrammars } from '../parse/grammars.ts'
import { createProgram } from '../project/program.ts'
import { parsingTree } from '../project/source-tree.ts'
import type { DiscoveredSurface } from '../surface.ts'
import { discoverGoRoutes } from './go-routes.ts'

let grammars: Grammars
beforeAll(async () => {
  grammars = await loadGrammars(new Set(['go']))
})

type Files = Readonly<Record<string, string>>

function treeOf(files: Files) {
  const folderOf = (path: string): string => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.')
  const list = (folder: string): string[] => Object.keys(files).filter((path) => folderOf(path) === folder)
  return parsingTree(
    (path) => files[path],
    (path) => Object.hasOwn(files, path),
    grammars,
    () => 0,
    list,
  )
}

function discovered(files: Files): readonly DiscoveredSurface[] {
  const tree = treeOf(files)
  const modules = Object.keys(files).flatMap((path) => tree.module(path) ?? [])
  const project = { program: createProgram(tree), modules }
  return modules.flatMap((module) => discoverGoRoutes(module, project))
}

/** `main.go` with the imports that a framework needs. */
function main(imports: string, code: string): string {
  const list = imports.split(' ').map((one) => `"${one}"`)
  return `package main\nimport (\n${list.join('\n')}\n)\n${code}`
}

function routes(files: Files): readonly string[] {
  return discovered(files).map(
    ({ framework, methods, path, name, chain }) =>
      `${framework} ${methods.join('|') || 'ANY'} ${path} ${name}${' +'.repeat(chain.length - 1)}`,
  )
}

test.each([
  [
    'a pattern of Go 1.22',
    'mux := http.NewServeMux()\nmux.HandleFunc("POST /hooks/{id}", h)',
    'net/http POST /hooks/{id} h',
  ],
  ['the default mux', 'http.HandleFunc("/hooks", h)', 'net/http ANY /hooks h'],
  ['a wrapped function', 'http.Handle("/hooks", http.HandlerFunc(h))', 'net/http ANY /hooks h'],
  ['a constant path', 'const at = "/hooks"\nhttp.HandleFunc(at, h)', 'net/http ANY /hooks h'],
])('net/http: %s', (_, code, route) => {
  const handler = 'func h(w http.ResponseWriter, r *http.Request) {}'
  expect(routes({ 'main.go': main('net/http', `func main() {\n${code}\n}\n${handler}`) })).toEqual([route])
})

test.each([
  [
    'gin',
    'github.com/gin-gonic/gin',
    'r := gin.Default()\nr.Use(a)\napi := r.Group("/api", b)\napi.POST("/hooks", c, h)\nr.Use(late)',
    'gin POST /api/hooks h + + +',
  ],
  [
    'echo',
    'github.com/labstack/echo/v4',
    'e := echo.New()\ng := e.Group("/api", a)\ng.POST("/hooks", h, b)',
    'echo POST /api/hooks h + +',
  ],
  [
    'chi',
    'github.com/go-chi/chi/v5',
    'r := chi.NewRouter()\nr.Route("/api", func(r chi.Router) {\nr.Use(a)\nr.With(b).Post("/hooks", h)\n})',
    'chi POST /api/hooks h + +',
  ],
  ['fiber', 'github.com/gofiber/fiber/v2', 'app := fiber.New()\napp.Post("/hooks", h)', 'fiber POST /hooks h'],
  [
    'gorilla/mux',
    'github.com/gorilla/mux',
    'r := mux.NewRouter()\ns := r.PathPrefix("/api").Subrouter()\ns.HandleFunc("/hooks", h).Methods("POST")',
    'gorilla/mux POST /api/hooks h',
  ],
])('%s: prefixes and middleware of groups', (_, source, code, route) => {
  const text = main(
    `net/http ${source}`,
    `func main() {\n${code}\n}\nfunc h(w http.ResponseWriter, r *http.Request) {}`,
  )
  expect(routes({ 'main.go': text })).toEqual([route])
})

test('a router is followed through parameters, packages and mounts', () => {
  const files = {
    'go.mod': 'module example.com/app\n',
    'main.go': main(
      'github.com/go-chi/chi/v5 example.com/app/partner',
      'func main() {\nr := chi.NewRouter()\nr.Mount("/v1", partner.Routes())\npartner.Extra(r)\n}',
    ),
    'partner/routes.go':
      'package partner\nimport "github.com/go-chi/chi/v5"\nfunc Routes() chi.Router {\nr := chi.NewRouter()\nr.Post("/hooks", hooks)\nreturn r\n}\nfunc Extra(r chi.Router) { r.Post("/extra", hooks) }',
    'partner/hooks.go': 'package partner\nimport "net/http"\nfunc hooks(w http.ResponseWriter, r *http.Request) {}',
  }
  expect(routes(files)).toEqual(['chi POST /v1/hooks hooks', 'chi POST /extra hooks'])
  expect(discovered(files).map(({ module }) => module.file)).toEqual(['partner/hooks.go', 'partner/hooks.go'])
})

test('calls that look like registrations are none', () => {
  const code = 'func main() {\ncache.Get("/x", key)\nclient.Post("/y", "text/plain", nil)\nstrings.Split("/a", "/")\n}'
  expect(routes({ 'main.go': main('net/http', code) })).toEqual([])
})

test('a handler that upgrades, itself or further in, is a socket', () => {
  const code = `var upgrader = websocket.Upgrader{CheckOrigin: func(r *http.Request) bool { return true }}
func main() { http.HandleFunc("/ws", func(w http.ResponseWriter, r *http.Request) { serve(w, r) }) }
func serve(w http.ResponseWriter, r *http.Request) { c, _ := upgrader.Upgrade(w, r, nil); c.SetReadLimit(512) }`
  expect(discovered({ 'main.go': main('net/http github.com/gorilla/websocket', code) })).toMatchObject([
    { kind: 'socket', path: '/ws', socket: { origin: 'open', maxPayload: 512 } },
  ])
})

describe('handlers that nothing in sight registers', () => {
  const alone = (files: Files): readonly string[] =>
    discovered(files).map(
      ({ framework, path, name, at, kind }) => `${kind} ${framework} ${path ?? '-'} ${name}:${at.line}`,
    )

  test.each<[string, string, readonly string[]]>([
    ['a function', 'func Hook(c *gin.Context) {}', ['route gin - Hook:6']],
    ['a method', 'type H struct{}\nfunc (h *H) Hook(c *gin.Context) {}', ['route gin - Hook:7']],
    [
      'what a function makes',
      'func Hook(key string) gin.HandlerFunc {\nreturn func(c *gin.Context) {}\n}',
      ['route gin - Hook:7'],
    ],
    [
      'a middleware is none',
      'func Log(next http.HandlerFunc) http.HandlerFunc { return func(w http.ResponseWriter, r *http.Request) { next(w, r) } }',
      [],
    ],
    ['a helper is none', 'func Hook(c *gin.Context) { fail(c) }\nfunc fail(c *gin.Context) {}', ['route gin - Hook:6']],
    [
      'one that is registered is found there',
      'func Hook(c *gin.Context) {}\nfunc main() { gin.Default().POST("/x", Hook) }',
      ['route gin /x Hook:6'],
    ],
    [
      'what else it takes is bound where it is registered',
      'func Hook(c *gin.Context, key string) {}',
      ['route gin - Hook:6'],
    ],
    [
      'what takes more and is called here is none',
      'func Hook(c *gin.Context) { pay(c, "x") }\nfunc pay(c *gin.Context, key string) {}',
      ['route gin - Hook:6'],
    ],
  ])('%s', (_, code, expected) => {
    expect(alone({ 'main.go': main('net/http github.com/gin-gonic/gin', code) })).toEqual(expected)
  })

  test('ServeHTTP of what a constructor makes is one surface', () => {
    const code =
      'type H struct{}\nfunc New() *H { return &H{} }\nfunc (h *H) ServeHTTP(w http.ResponseWriter, r *http.Request) {}\nfunc main() { http.Handle("/x", New()) }'
    expect(alone({ 'main.go': main('net/http', code) })).toEqual(['route net/http /x ServeHTTP:7'])
  })
})

describe('what the code does', () => {
  const VERIFY = `func verify(body []byte, given string) error {
  m := hmac.New(sha256.New, []byte(secret))
  m.Write(body)
  if !hmac.Equal([]byte(hex.EncodeToString(m.Sum(nil))), []byte(given)) { return errors.New("no") }
  return nil
}`
  const IMPORTS = 'crypto/hmac crypto/sha256 encoding/hex encoding/json errors io net/http os log'
  const START = 'func main() {\nif secret == "" { log.Fatal("no secret") }\nhttp.HandleFunc("/webhooks", h)\n}'

  function rulesOf(handler: string, start = START): readonly string[] {
    const code = `var secret = os.Getenv("SECRET")\n${start}\nfunc h(w http.ResponseWriter, r *http.Request) {\n${handler}\n}\n${VERIFY}`
    const tree = treeOf({ 'main.go': main(IMPORTS, code) })
    const { surfaces } = examineProject(
      tree,
      [tree.module('main.go')].flatMap((one) => one ?? []),
      () => 0,
    )
    return surfaces.flatMap(({ evidence }) => evidence.flatMap(({ rule }) => rule ?? [])).sort()
  }

  const READ = 'body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<16))\nif err != nil { return }'
  const EFFECT = 'var e Event\njson.Unmarshal(body, &e)\ndb.SetState(e.ID, e.State)'

  test.each([
    [
      'an error that ends the request',
      `if err := verify(body, r.Header.Get("X-Sig")); err != nil { return }\n${EFFECT}`,
      [],
    ],
    [
      'an error that is only logged',
      `if err := verify(body, r.Header.Get("X-Sig")); err != nil { log.Println(err) }\n${EFFECT}`,
      ['verifier-result-ignored'],
    ],
    ['an error that nobody takes', `_ = verify(body, r.Header.Get("X-Sig"))\n${EFFECT}`, ['verifier-result-ignored']],
    ['no check', EFFECT, ['body-id-authz', 'missing-signature']],
  ])('%s', (_, code, rules) => {
    expect(rulesOf(`${READ}\n${code}`)).toEqual(rules)
  })

  test('an unset variable is an empty key, unless the start stops without it', () => {
    const code = `${READ}\nif verify(body, r.Header.Get("X-Sig")) != nil { return }\n${EFFECT}`
    expect(rulesOf(code)).toEqual([])
    expect(rulesOf(code, 'func main() { http.HandleFunc("/webhooks", h) }')).toEqual(['fail-open-when-secret-missing'])
  })

  test('a body read without a bound is named', () => {
    expect(
      rulesOf(`body, _ := io.ReadAll(r.Body)\nif verify(body, r.Header.Get("X-Sig")) != nil { return }\n${EFFECT}`),
    ).toEqual(['no-body-limit'])
  })
})
