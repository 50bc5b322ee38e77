import type { Location } from '../../../catalogue/evidence.ts'
import type { ManifestNode } from '../../manifest/node.ts'
import type { SpecOperation } from '../model.ts'
import { isLoginOperation } from '../questions.ts'
import { factsOf, fieldsOf } from '../schema.ts'
import { isCalledAddress, isRedirectAddress, pinsHost, saysChecked } from '../words.ts'
import { defineSpecRule } from './rule.ts'

export const urlInBody = defineSpecRule({
  id: 'url-in-body',
  once: true,
  control: 'payload-url-guard',
  title: 'The request names an address that the server uses',
  severity: 'low',
  confidence: 'low',
  cwe: [918, 601],
  owasp: ['API7'],
  styles: ['rest', 'async-job'],
  fromSilence: true,
  why: 'A server that fetches what a request names can be sent inside its own network. The document shows where that could be; whether it is guarded, only code or a probe shows.',
  looksAt:
    'Fields and parameters whose name says that the server calls or redirects to them (`callback_url`, `source_url`, `return_to`), without a list or pattern that pins the host.',
  fix: {
    any: 'Take an id of something registered instead of an address, or pin hosts by `enum` or `pattern`; resolve and check the address at each use, and follow no redirect.',
  },
  limits:
    'Addresses that are shown, such as a website or an avatar, are left alone, and so are read-only fields and those the text says are checked. A name is a weak witness: the confidence is low.',
  when: ({ operation, document }) => {
    if (operation.place !== 'path' || isLoginOperation(operation)) return []
    return inputsOf(operation, document.references).flatMap(({ name, schema, at, description }) => {
      const called = isCalledAddress(name)
      const facts = factsOf(document.references, schema)
      if (facts.readOnly || facts.deprecated || facts.listed) return []
      if (facts.pattern !== undefined && pinsHost(facts.pattern)) return []
      if (saysChecked(`${facts.description} ${description}`)) return []
      // The callback says it already, where the address is used.
      if (operation.callbacks.some(({ path }) => path.includes(name))) return []
      return [
        called
          ? { at, message: `The caller writes ${name}, which the server may connect to.` }
          : {
              at,
              control: 'redirect-target-guard' as const,
              message: `The caller writes ${name}, to which the server may send the browser.`,
            },
      ]
    })
  },
  bad: [
    {
      language: 'yaml',
      at: 'source_url:',
      says: 'The caller writes source_url, which the server may connect to.',
      code: `openapi: 3.0.3
info: { title: Importer, version: 1.0.0 }
paths:
  /imports:
    post:
      operationId: importFeed
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                source_url: { type: string, format: uri }
      responses: { '201': { description: imported } }
`,
    },
  ],
  good: [
    {
      language: 'yaml',
      why: 'A website is shown to readers; the source is one of a list.',
      code: `openapi: 3.0.3
info: { title: Importer, version: 1.0.0 }
paths:
  /imports:
    post:
      operationId: importFeed
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                website: { type: string, format: uri }
                source_url: { type: string, enum: ['https://feeds.example.com/a', 'https://feeds.example.com/b'] }
      responses: { '201': { description: imported } }
`,
    },
  ],
})

function isUsedAddress(name: string): boolean {
  return isCalledAddress(name) || isRedirectAddress(name)
}

interface Input {
  readonly name: string
  readonly schema: ManifestNode
  readonly at: Location
  readonly description: string
}

function inputsOf({ body, parameters }: SpecOperation, references: Parameters<typeof fieldsOf>[0]): readonly Input[] {
  const fields = (body?.schemas ?? []).flatMap((schema) => fieldsOf(references, schema, 3, isUsedAddress))
  return [
    ...fields.map((field) => ({ ...field, description: '' })),
    ...parameters.flatMap(({ in: place, name, schema, at, description }) =>
      place === 'query' && schema !== undefined && isUsedAddress(name) ? [{ name, schema, at, description }] : [],
    ),
  ]
}
