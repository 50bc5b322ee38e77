/** Ruby and PHP end to end: sound receivers stay silent, each fault is named on its line. */
import { expect, test } from 'vitest'
import { examineProject } from '../examine-project.ts'
import { loadGrammars } from '../parse/grammars.ts'
import { parsingTree } from '../project/source-tree.ts'

const grammars = await loadGrammars(new Set(['ruby', 'php']))

/** `rule:line` of everything suspected. */
function suspected(files: Readonly<Record<string, string>>): readonly string[] {
  const tree = parsingTree(
    (path) => files[path],
    (path) => Object.hasOwn(files, path),
    grammars,
    () => 0,
  )
  const modules = Object.keys(files).flatMap((file) => tree.module(file) ?? [])
  return examineProject(tree, modules, () => 0).surfaces.flatMap(({ evidence }) =>
    evidence.flatMap(({ rule, location }) => (rule === undefined ? [] : [`${rule}:${location?.line}`])),
  )
}

/** A Rails controller with an action `create` that stores an order under its id. */
function rails(filter: string, declaration = 'before_action :verify'): Readonly<Record<string, string>> {
  return {
    'config/routes.rb': 'Rails.application.routes.draw do\npost "/hooks/shop", to: "hooks#create"\nend',
    'app/controllers/hooks_controller.rb': `class HooksController < ApplicationController
  ${declaration}
  def create
    Order.upsert({ id: params[:id], state: params[:state] }, unique_by: :id)
    head :ok
  end
  def verify
    mac = OpenSSL::HMAC.hexdigest("SHA256", ENV.fetch("SHOP_SECRET"), request.raw_post)
    given = request.headers["X-Shop-Signature"].to_s
    ${filter}
  end
end`,
  }
}

test.each([
  ['head :unauthorized unless ActiveSupport::SecurityUtils.secure_compare(mac, given)', []],
  ['return head(:unauthorized) unless Rack::Utils.secure_compare(mac, given)', []],
  ['raise ActionController::BadRequest unless Rack::Utils.secure_compare(mac, given)', []],
  ['head :unauthorized and return if !Rack::Utils.secure_compare(mac, given)', []],
  ['head :unauthorized unless mac == given', ['unsafe-compare:10']],
  ['Rails.logger.warn("bad") unless Rack::Utils.secure_compare(mac, given)', ['verifier-result-ignored:10']],
])('a filter of Rails: %s', (filter, expected) => {
  expect(suspected(rails(filter))).toEqual(expected)
})

test('a filter that only runs in production leaves the others open', () => {
  const sound = 'head :unauthorized unless Rack::Utils.secure_compare(mac, given)'
  expect(suspected(rails(sound, 'before_action :verify, if: -> { Rails.env.production? }'))).toEqual([
    'fail-open-when-secret-missing:2',
  ])
})

/** A script that changes an order by what it was sent. */
function script(check: string): Readonly<Record<string, string>> {
  return {
    'webhook.php': `<?php
$secret = getenv('SHOP_SECRET');
if (!$secret) { http_response_code(503); exit; }
$raw = file_get_contents('php://input');
$mac = hash_hmac('sha256', $raw, $secret);
$given = $_SERVER['HTTP_X_SHOP_SIGNATURE'] ?? '';
${check}
$event = json_decode($raw, true);
$pdo->prepare('update orders set state = ? where id = ?')->execute([$event['state'], $event['id']]);`,
  }
}

test.each([
  ['if (!hash_equals($mac, $given)) { http_response_code(401); exit; }', []],
  ["if (!hash_equals($mac, $given)) { die('no'); }", []],
  ["hash_equals($mac, $given) or exit('no');", []],
  ['if ($mac !== $given) { exit; }', ['unsafe-compare:7']],
  ['if (strcmp($mac, $given) !== 0) { exit; }', ['unsafe-compare:7']],
  ['if (!hash_equals($mac, $given)) { http_response_code(401); }', ['verifier-result-ignored:7']],
])('a script in PHP: %s', (check, expected) => {
  expect(suspected(script(check))).toEqual(expected)
})

test('Laravel: middleware that answers stops the request, and what it is called may be an alias', () => {
  const files = (refusal: string): Readonly<Record<string, string>> => ({
    'routes/api.php': `<?php use Illuminate\\Support\\Facades\\Route; use Illuminate\\Http\\Request; use App\\Models\\Order;
Route::post('/hooks/shop', function (Request $request) { Order::updateOrCreate(['id' => $request->input('id')], ['state' => $request->state]); })->middleware('shop');`,
    'app/Http/Kernel.php': `<?php namespace App\\Http; class Kernel { protected $middlewareAliases = ['shop' => \\App\\Http\\Middleware\\Verify::class]; }`,
    'app/Http/Middleware/Verify.php': `<?php namespace App\\Http\\Middleware; class Verify { public function handle($request, $next) {
      $mac = hash_hmac('sha256', $request->getContent(), config('shop.secret') ?: abort(503));
      if (!hash_equals($mac, (string) $request->header('X-Shop-Signature'))) { ${refusal} }
      return $next($request); } }`,
  })
  expect(suspected(files("return response('no', 401);"))).toEqual([])
  expect(suspected(files('abort(401);'))).toEqual([])
  expect(suspected(files("logger('no');"))).toEqual(['verifier-result-ignored:3'])
})
