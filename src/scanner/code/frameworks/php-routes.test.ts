import { expect, test } from 'vitest'
import { loadGrammars } from '../parse/grammars.ts'
import { createProgram } from '../project/program.ts'
import { parsingTree } from '../project/source-tree.ts'
import type { DiscoveredSurface } from '../surface.ts'
import { discoverPhpRoutes } from './php-routes.ts'

const grammars = await loadGrammars(new Set(['php']))

function discover(files: Readonly<Record<string, string>>): readonly DiscoveredSurface[] {
  const tree = parsingTree(
    (path) => files[path],
    (path) => Object.hasOwn(files, path),
    grammars,
    () => 0,
  )
  const modules = Object.keys(files).flatMap((file) => tree.module(file) ?? [])
  const project = { program: createProgram(tree), modules }
  return modules.flatMap((module) => discoverPhpRoutes(module, project))
}

const CONTROLLER = `<?php
namespace App\\Http\\Controllers;
class Hooks extends Controller {
  public function receive(Request $request) {}
  public function __invoke(Request $request) {}
}`

/** `POST /x name: steps` of each Laravel route. */
function routed(routes: string, file = 'routes/web.php'): readonly string[] {
  return discover({
    [file]: `<?php\nuse App\\Http\\Controllers\\Hooks;\nuse Illuminate\\Support\\Facades\\Route;\n${routes}`,
    'app/Http/Controllers/Hooks.php': CONTROLLER,
  })
    .filter(({ path }) => path !== undefined)
    .map(
      ({ methods, path, name, chain }) =>
        `${methods.join('|')} ${path} ${name}: ${chain.map(({ role }) => role).join()}`,
    )
}

test.each([
  ["Route::post('/x', [Hooks::class, 'receive']);", ['POST /x Hooks@receive: handler']],
  ["Route::post('/x', Hooks::class);", ['POST /x Hooks@__invoke: handler']],
  ["Route::post('/x', 'Hooks@receive');", ['POST /x Hooks@receive: handler']],
  ["Route::any('/x', fn (Request $r) => 1)->middleware('verify.sig');", [' /x handler: middleware,handler']],
  ["Route::match(['get', 'post'], '/x', Hooks::class);", ['GET|POST /x Hooks@__invoke: handler']],
  [
    "Route::prefix('in')->middleware(['api', 'auth'])->group(function () { Route::post('x', Hooks::class); });",
    ['POST /in/x Hooks@__invoke: middleware,handler'],
  ],
  [
    "Route::group(['prefix' => 'in', 'middleware' => 'auth'], function () { Route::post('x', Hooks::class)->withoutMiddleware('auth'); });",
    ['POST /in/x Hooks@__invoke: handler'],
  ],
  [
    "Route::controller(Hooks::class)->group(function () { Route::post('/x', 'receive'); });",
    ['POST /x Hooks@receive: handler'],
  ],
  ["Route::post('/x', [Missing::class, 'y']);", []],
])('%s', (routes, expected) => {
  expect(routed(routes)).toEqual(expected)
})

test('routes/api.php has its prefix', () => {
  expect(routed("Route::post('/x', Hooks::class);", 'routes/api.php')).toEqual(['POST /api/x Hooks@__invoke: handler'])
})

test('Symfony: the attribute of the class comes before that of the method', () => {
  const [surface] = discover({
    'src/Hooks.php': `<?php
#[Route('/in')]
class Hooks { #[Route('/x', methods: ['POST'])] public function receive(Request $request) {} }`,
  })
  expect(surface).toMatchObject({ framework: 'symfony', path: '/in/x', methods: ['POST'] })
})

test('Slim: groups and middleware added to a route', () => {
  const [surface] = discover({
    'public/index.php': `<?php
use Slim\\Factory\\AppFactory;
$app = AppFactory::create();
$app->group('/in', function ($group) {
  $group->post('/x', function ($request, $response) { return $response; })->add(VerifySignature::class);
});`,
  })
  expect(surface?.path).toBe('/in/x')
  expect(surface?.chain.map(({ role }) => role)).toEqual(['middleware', 'handler'])
})

test.each([
  ['a script', '$body = file_get_contents("php://input"); store($body);', ['in/hook.php']],
  ['a function nobody calls', 'function hook() { $b = file_get_contents("php://input"); }', ['hook']],
  [
    'the method that calls the reading one',
    'class H { private function body() { return file_get_contents("php://input"); } public function run() { $this->body(); } }',
    ['H::run'],
  ],
  ['nothing that reads no body', 'class H { public function run() {} }', []],
])('without a framework: %s', (_, code, expected) => {
  expect(discover({ 'in/hook.php': `<?php ${code}` }).map(({ name }) => name)).toEqual(expected)
})

test('a request class of Laravel is asked before its controller runs, and one out of sight may be', () => {
  const controller = `<?php
namespace App\\Http\\Controllers;
use App\\Http\\Requests\\HookRequest;
class HookController extends Controller { public function __invoke(HookRequest $request) {} }`
  const request = `<?php
namespace App\\Http\\Requests;
class HookRequest extends FormRequest { public function authorize() { return $this->header('x') === 'y'; } }`
  const found = (files: Readonly<Record<string, string>>) =>
    discover(files).map(
      ({ chain, guards }) => `${chain.map(({ role }) => role).join()} ${guards.map(({ name }) => name).join()}`,
    )

  const file = 'app/Http/Controllers/HookController.php'
  expect(found({ [file]: controller, 'app/Http/Requests/HookRequest.php': request })).toEqual(['guard,handler '])
  expect(found({ [file]: controller })).toEqual(['handler HookRequest'])
})
