import type { Location } from '../../../catalogue/evidence.ts'
import { defineSpecRule, type SpecSuspicion } from './rule.ts'

export const operationIdRepeated = defineSpecRule({
  id: 'operation-id-repeated',
  control: 'contract-operation-ids',
  title: 'Two operations have one id',
  severity: 'low',
  confidence: 'high',
  cwe: [1059],
  owasp: ['API9'],
  styles: ['hybrid'],
  why: 'Policies, tests and generated servers find operations by their ids. Of two with one id, one gets the rules of the other, or none.',
  looksAt: 'The `operationId`s of all operations, events and callbacks of the document.',
  fix: { any: 'Name each operation once, in the definition of its route.' },
  limits: 'Operations without an id are left alone: the standard does not demand one.',
  whenDocument: ({ operations }) => {
    const first = new Map<string, Location>()
    return operations
      .flatMap((operation) => [operation, ...operation.callbacks])
      .flatMap(({ operationId }): readonly SpecSuspicion[] => {
        if (operationId === undefined) return []
        const before = first.get(operationId.text)
        if (before === undefined) {
          first.set(operationId.text, operationId.at)
          return []
        }
        // One path item that two paths share by reference is one operation.
        if (before.line === operationId.at.line && before.file === operationId.at.file) return []
        return [
          {
            at: operationId.at,
            message: `The id ${operationId.text} belongs to another operation.`,
            trace: [{ ...before, message: 'It stands here first.' }],
          },
        ]
      })
  },
  bad: [
    {
      language: 'yaml',
      at: 'operationId: listTeams # again',
      says: 'The id listTeams belongs to another operation.',
      code: `openapi: 3.0.3
info: { title: Teams, version: 1.0.0 }
paths:
  /teams:
    get:
      operationId: listTeams
      responses: { '200': { description: teams } }
  /members:
    get:
      operationId: listTeams # again
      responses: { '200': { description: members } }
`,
    },
  ],
  good: [
    {
      language: 'yaml',
      why: 'Each has its own.',
      code: `openapi: 3.0.3
info: { title: Teams, version: 1.0.0 }
paths:
  /teams:
    get:
      operationId: listTeams
      responses: { '200': { description: teams } }
  /members:
    get:
      operationId: listMembers
      responses: { '200': { description: members } }
`,
    },
  ],
})
