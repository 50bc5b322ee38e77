import { isPublicByNature } from '../words.ts'
import { defineSpecRule } from './rule.ts'

/** OpenAPI need not know these: they are described elsewhere, or by whoever calls them. */
const ELSEWHERE: ReadonlySet<string | undefined> = new Set([
  'websocket',
  'sse',
  'webhook',
  'graphql-subscription',
  'graphql',
  'grpc',
])

export const undocumentedRoute = defineSpecRule({
  id: 'undocumented-route',
  control: 'contract-inventory',
  title: 'A route is served that the description does not have',
  severity: 'low',
  confidence: 'medium',
  cwe: [1059],
  owasp: ['API9'],
  styles: ['hybrid'],
  why: 'What no description has, no review, gateway rule or test looks at. It keeps the weak check of two years ago, and the attacker finds it first.',
  looksAt:
    'Routes of the code, and operations that a probe met, beside the description of the same service, compared after both were normalised. The severity follows exposure: medium where no credential is asked for.',
  fix: { any: 'Describe the route, or remove it. Generate the description from the routes and let CI compare.' },
  limits:
    'Sockets, streams, receivers and GraphQL need not be in OpenAPI. Health and documentation routes are left alone, and so is code that lies away from everything the description has.',
  whenDrift: ({ document, undocumented, methodsOf }) =>
    undocumented
      .filter(({ style, method, path }) => !ELSEWHERE.has(style) && !isPublicByNature(path) && !UNSPOKEN.has(method))
      .flatMap(({ method, path, at, observed }) => {
        const shown = `${method === '' ? 'Any request to' : method} ${path}`
        const known = methodsOf(path)
        const open = observed.authentication === 'none'
        return [
          {
            // What a probe met has no line of its own.
            at: at ?? document.at,
            message: `${shown} is not in the description${known.length > 0 ? `, which has ${known.join(' and ')} only` : ''}${open ? ', and asks for no credential' : ''}.`,
            severity: open && !READS.has(method) ? ('medium' as const) : ('low' as const),
          },
        ]
      }),
  bad: [
    {
      language: 'python',
      at: 'def refund_order(',
      says: 'POST /orders/<int:order_id>/refund is not in the description, and asks for no credential.',
      code: `from flask import Flask, jsonify

from .store import find_order, refund

app = Flask(__name__)


@app.get("/orders/<int:order_id>")
def get_order(order_id):
    return jsonify(find_order(order_id))


@app.post("/orders/<int:order_id>/refund")
def refund_order(order_id):
    refund(order_id)
    return "", 204
`,
      beside: {
        language: 'yaml',
        file: 'openapi.yaml',
        code: `openapi: 3.0.3
info: { title: Shop, version: 1.0.0 }
paths:
  /orders/{id}:
    parameters: [ { name: id, in: path, required: true, schema: { type: integer } } ]
    get: { operationId: getOrder, responses: { '200': { description: an order } } }
`,
      },
    },
  ],
  good: [
    {
      language: 'python',
      why: 'Both have the same routes, spelt in two ways, and one of them below a base path.',
      code: `from flask import Flask, jsonify

from .store import find_order

app = Flask(__name__)


@app.get("/orders/<int:order_id>/")
def get_order(order_id):
    return jsonify(find_order(order_id))
`,
      beside: {
        language: 'yaml',
        file: 'openapi.yaml',
        code: `openapi: 3.0.3
info: { title: Shop, version: 1.0.0 }
servers: [ { url: https://shop.example.com/api/v1 } ]
paths:
  /orders/{id}:
    parameters: [ { name: id, in: path, required: true, schema: { type: integer } } ]
    get: { operationId: getOrder, responses: { '200': { description: an order } } }
`,
      },
    },
  ],
})

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])
/** Frameworks add them by themselves. */
const UNSPOKEN: ReadonlySet<string> = new Set(['HEAD', 'OPTIONS', 'TRACE'])
