/** A description as large services have them: thousands of operations that share schemas, events, jobs, callbacks. */

/** @param bytes The least size of its JSON, indented as generators write it. */
export function largeSpec(bytes: number): object {
  const paths: Record<string, object> = {}
  // Leaves: linters that write references out before they look would never end otherwise.
  const schemas: Record<string, object> = Object.fromEntries(
    [3, 7, 11].map((field) => [
      `Shared${field}`,
      { type: 'object', properties: { label: { type: 'string', maxLength: 64 } } },
    ]),
  )
  const webhooks: Record<string, object> = {}
  let written = 0
  for (let n = 0; written < bytes; n++) {
    const part = resource(n)
    Object.assign(paths, part.paths)
    Object.assign(schemas, part.schemas)
    Object.assign(webhooks, part.webhooks)
    written += JSON.stringify(part, null, 2).length
  }
  return {
    openapi: '3.1.0',
    info: { title: 'A large service', version: '1.0.0', description: 'Made for measuring.' },
    servers: [{ url: 'https://api.example.com/v1' }],
    security: [{ bearer: [] }],
    paths,
    webhooks,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas,
      responses: {
        Problem: { description: 'Refused.', content: { 'application/problem+json': { schema: { type: 'object' } } } },
      },
    },
  }
}

interface Resource {
  readonly paths: object
  readonly schemas: object
  readonly webhooks: object
}

function resource(n: number): Resource {
  const name = `Thing${n}`
  const ref = { $ref: `#/components/schemas/${name}` }
  const content = (schema: object): object => ({ content: { 'application/json': { schema } } })
  const refused = {
    '401': { $ref: '#/components/responses/Problem' },
    '429': { $ref: '#/components/responses/Problem' },
  }
  const id = [{ name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } }]
  const text = (what: string): string =>
    `${what} ${name}.\n\nIt belongs to one account: whoever asks for another’s gets 404.`
  const operation = (verb: string, more: object): object => ({
    operationId: `${verb}${name}`,
    summary: `${verb} a ${name}`,
    description: text(verb),
    tags: [`things-${n % 20}`],
    ...more,
  })
  return {
    paths: {
      [`/things${n}`]: {
        get: operation('list', {
          parameters: ['page', 'pageSize', 'sort', 'from', 'to'].map((parameter) => ({
            name: parameter,
            in: 'query',
            required: false,
            schema: { type: 'string', maxLength: 64 },
          })),
          responses: { '200': { description: 'some', ...content({ type: 'array', items: ref }) }, ...refused },
        }),
        post: operation('create', {
          requestBody: { required: true, ...content(ref) },
          responses: { '201': { description: 'created', ...content(ref) }, ...refused },
        }),
      },
      [`/things${n}/{id}`]: {
        parameters: id,
        get: operation('get', { responses: { '200': { description: 'one', ...content(ref) }, ...refused } }),
        patch: operation('change', {
          requestBody: { ...content(ref) },
          responses: { '200': { description: 'changed', ...content(ref) }, ...refused },
        }),
        delete: operation('remove', { responses: { '204': { description: 'gone' }, ...refused } }),
      },
      ...(n % 5 === 0
        ? {
            [`/things${n}/exports`]: {
              post: operation('export', {
                responses: {
                  '202': { description: 'under way', headers: { Location: { schema: { type: 'string' } } } },
                  ...refused,
                },
              }),
            },
          }
        : {}),
    },
    schemas: {
      [name]: {
        type: 'object',
        required: ['id', 'name'],
        properties: Object.fromEntries(
          Array.from({ length: 12 }, (_, field) => [
            `field${field}`,
            field % 4 === 3
              ? { $ref: `#/components/schemas/Shared${field}` }
              : { type: 'string', description: text(`Field ${field} of`), maxLength: 200 },
          ]),
        ),
      },
    },
    webhooks:
      n % 10 === 0
        ? {
            [`thing${n}.changed`]: {
              post: {
                parameters: ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((header) => ({
                  name: header,
                  in: 'header',
                  required: true,
                  schema: { type: 'string' },
                })),
                requestBody: content(ref),
                responses: { '2XX': { description: 'taken' } },
              },
            },
          }
        : {},
  }
}
