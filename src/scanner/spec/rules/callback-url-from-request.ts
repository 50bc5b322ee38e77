import type { SpecDocument, SpecOperation } from '../model.ts'
import { factsOf, fieldsOf } from '../schema.ts'
import { pinsHost, saysChecked } from '../words.ts'
import { defineSpecRule } from './rule.ts'

export const callbackUrlFromRequest = defineSpecRule({
  id: 'callback-url-from-request',
  control: 'egress-guard',
  title: 'The callback goes wherever the request says',
  severity: 'medium',
  confidence: 'medium',
  cwe: [918],
  owasp: ['API7'],
  styles: ['callback'],
  fromSilence: true,
  why: 'The server connects to an address that its caller wrote. The caller writes one inside the network, a metadata service or a neighbour, and the server sends the event, or the answer, there.',
  looksAt:
    'Expressions of `callbacks:` whose host comes from the body, the query or a header of the request, and what the schema of that value allows.',
  fix: {
    any: 'Let callers name a destination that was registered and verified before, by its id; or pin the hosts with `enum` or `pattern`. Check the resolved address at each delivery, whatever the document says.',
  },
  limits:
    'A host that is fixed in the expression, or by a pattern or list, is fine, and so is an address that the server itself gave out. Where the text says that addresses are registered or verified, only code or a probe can tell.',
  when: ({ operation, document }) => {
    const source = hostSource(operation.path)
    if (source === undefined) return []
    const value = addressIn(source, operation, document)
    if (value?.guarded === true || saysChecked(operation.words)) return []
    return [
      {
        at: operation.pathAt,
        message: `The address is taken from ${source.from} of the request${value === undefined ? '' : `, ${value.name}, which may be any`}.`,
        ...(value === undefined ? {} : { trace: [{ ...value.at, message: 'The caller writes the address here.' }] }),
      },
    ]
  },
  bad: [
    {
      language: 'yaml',
      at: "'{$request.body#/callbackUrl}':",
      says: 'The address is taken from the body of the request, callbackUrl, which may be any.',
      code: `openapi: 3.0.3
info: { title: Renderer, version: 1.0.0 }
paths:
  /renderings:
    post:
      operationId: render
      requestBody:
        content:
          application/json:
            schema: { type: object, properties: { callbackUrl: { type: string, format: uri } } }
      responses: { '201': { description: rendered } }
      callbacks:
        done:
          '{$request.body#/callbackUrl}':
            post:
              parameters:
                - { name: X-Signature, in: header, required: true, schema: { type: string } }
              responses: { '204': { description: taken } }
`,
    },
  ],
  good: [
    {
      language: 'yaml',
      why: 'The host is fixed; the request only adds an id.',
      code: `openapi: 3.0.3
info: { title: Renderer, version: 1.0.0 }
paths:
  /renderings:
    post:
      operationId: render
      requestBody:
        content:
          application/json:
            schema: { type: object, properties: { partner: { type: string, enum: [north, south] } } }
      responses: { '201': { description: rendered } }
      callbacks:
        done:
          'https://partners.example.com/{$request.body#/partner}':
            post:
              parameters:
                - { name: X-Signature, in: header, required: true, schema: { type: string } }
              responses: { '204': { description: taken } }
`,
    },
  ],
})

interface Source {
  readonly from: string
  readonly in: 'body' | 'query' | 'header'
  readonly name: string
}

/** Where the host of a runtime expression comes from, when the request decides it. */
function hostSource(expression: string): Source | undefined {
  const match = /^(?:[a-z]+:\/\/)?\{\$request\.(body#\/|query\.|header\.)([^{}]*)\}/i.exec(expression)
  if (match === null) return undefined
  const part = (match[1] ?? '').toLowerCase()
  const name = match[2] ?? ''
  if (part.startsWith('body')) return { from: 'the body', in: 'body', name: name.replaceAll('/', '.') }
  return part.startsWith('query') ? { from: 'the query', in: 'query', name } : { from: 'a header', in: 'header', name }
}

function addressIn(
  source: Source,
  { parent }: SpecOperation,
  { references }: SpecDocument,
): { readonly name: string; readonly at: SpecOperation['at']; readonly guarded: boolean } | undefined {
  const found =
    source.in === 'body'
      ? parent?.body?.schemas
          .flatMap((schema) => fieldsOf(references, schema, 3))
          .find(({ path }) => path === source.name)
      : parent?.parameters.find((one) => one.in === source.in && one.name.toLowerCase() === source.name.toLowerCase())
  if (found?.schema === undefined) return undefined
  const facts = factsOf(references, found.schema)
  const guarded =
    facts.listed || (facts.pattern !== undefined && pinsHost(facts.pattern)) || saysChecked(facts.description)
  return { name: found.name, at: found.at, guarded }
}
