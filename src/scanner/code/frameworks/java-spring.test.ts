import { beforeAll, expect, test } from 'vitest'
import { examineProject } from '../examine-project.ts'
import { type Grammars, loadGrammars } from '../parse/grammars.ts'
import { createProgram } from '../project/program.ts'
import { parsingTree } from '../project/source-tree.ts'
import type { DiscoveredSurface } from '../surface.ts'
import { discoverJava } from './java-spring.ts'

let grammars: Grammars
beforeAll(async () => {
  grammars = await loadGrammars(new Set(['java']))
})

type Files = Readonly<Record<string, string>>

function treeOf(files: Files) {
  return parsingTree(
    (path) => files[path],
    (path) => Object.hasOwn(files, path),
    grammars,
    () => 0,
  )
}

function discovered(files: Files): readonly DiscoveredSurface[] {
  const tree = treeOf(files)
  const modules = Object.keys(files).flatMap((path) => tree.module(path) ?? [])
  const project = { program: createProgram(tree), modules }
  return modules.flatMap((module) => discoverJava(module, project))
}

function rulesOf(files: Files): readonly string[] {
  const tree = treeOf(files)
  const modules = Object.keys(files).flatMap((path) => tree.module(path) ?? [])
  const { surfaces } = examineProject(tree, modules, () => 0)
  return surfaces.flatMap(({ evidence }) => evidence.flatMap(({ rule }) => rule ?? [])).sort()
}

test.each([
  [
    'class and method paths',
    '@RestController @RequestMapping("/api") class C { @PostMapping("/hooks") void h(@RequestBody String b) {} }',
    'spring POST /api/hooks body-raw',
  ],
  [
    'a constant and a method list',
    '@RestController class C { static final String P = "/hooks"; @RequestMapping(path = P + "/x", method = RequestMethod.POST) void h(@RequestBody Dto b) {} }',
    'spring POST /hooks/x body-parsed',
  ],
  [
    'JAX-RS',
    '@Path("/hooks") class C { @POST @Path("git") Response h(@HeaderParam("X-Token") String t, byte[] b) {} }',
    'jax-rs POST /hooks/git {"header":"X-Token"} body-raw',
  ],
  [
    'a servlet',
    '@WebServlet("/ipn") class C extends HttpServlet { protected void doPost(HttpServletRequest a, HttpServletResponse b) {} }',
    'servlet POST /ipn request response',
  ],
])('%s', (_, code, expected) => {
  const shown = discovered({ 'C.java': code }).map(({ framework, methods, path, chain }) => {
    const binds = (chain.at(-1)?.binds ?? []).map((bind) => (typeof bind === 'string' ? bind : JSON.stringify(bind)))
    return `${framework} ${methods.join('|')} ${path} ${binds.join(' ')}`
  })
  expect(shown).toEqual([expected])
})

test('an annotated guard and an event stream are seen', () => {
  const code =
    '@RestController class C { @PreAuthorize("x") @GetMapping("/e/{id}") SseEmitter e(@PathVariable long id) { return new SseEmitter(); } }'
  expect(discovered({ 'C.java': code })).toMatchObject([{ style: 'sse', guards: [{ name: 'PreAuthorize' }] }])
})

test('a filter registered for a path stands before the handlers below it and no others', () => {
  const files = {
    'F.java':
      'class F extends OncePerRequestFilter { protected void doFilterInternal(HttpServletRequest q, HttpServletResponse s, FilterChain c) {} }',
    'Conf.java':
      '@Configuration class Conf { @Bean FilterRegistrationBean<F> f() { var r = new FilterRegistrationBean<>(new F()); r.addUrlPatterns("/hooks/*"); return r; } }',
    'C.java': '@RestController class C { @PostMapping("/hooks/a") void a() {} @PostMapping("/other") void b() {} }',
  }
  expect(discovered(files).map(({ path, chain }) => `${path} ${chain.length}`)).toEqual(['/hooks/a 2', '/other 1'])
})

const VERIFIED = `Mac mac = Mac.getInstance("HmacSHA256");
  mac.init(new SecretKeySpec(secret.getBytes(), "HmacSHA256"));
  String want = Hex.encodeHexString(mac.doFinal(body.getBytes()));`

function controller(check: string, field = '@Value("hook.secret") String secret;'): Files {
  return {
    'C.java': `@RestController class C { ${field} Store store;
      @PostMapping("/webhooks") void h(@RequestBody String body, @RequestHeader("X-Sig") String sig) throws Exception {
        ${check}
        store.setState(body);
      } }`,
  }
}

test.each([
  [
    'refused by exception',
    `${VERIFIED} if (!MessageDigest.isEqual(want.getBytes(), sig.getBytes())) throw new Denied();`,
    [],
  ],
  ['compared by equals', `${VERIFIED} if (!want.equals(sig)) throw new Denied();`, ['unsafe-compare']],
  ['computed and not compared', VERIFIED, ['verifier-result-ignored']],
  [
    'only logged',
    `${VERIFIED} if (!MessageDigest.isEqual(want.getBytes(), sig.getBytes())) log.warn("bad");`,
    ['verifier-result-ignored'],
  ],
  [
    'skipped without a secret',
    `if (!secret.isEmpty()) { ${VERIFIED} if (!MessageDigest.isEqual(want.getBytes(), sig.getBytes())) return; }`,
    ['fail-open-when-secret-missing'],
  ],
])('a signature that is %s', (_, check, rules) => {
  expect(rulesOf(controller(check)).filter((rule) => rule !== 'missing-signature')).toEqual(rules)
})
