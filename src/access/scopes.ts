/**
 * What a credential may do: one table, named by the routes and by the credentials.
 */
export const SCOPES = {
  'integrations:read': 'List and read integrations, without secrets.',
  'integrations:write': 'Create and change integrations and rotate their keys.',
  'destinations:read': 'List and read destinations, without secrets.',
  'destinations:write': 'Create, change, pause and test destinations, and rotate their signing secrets.',
  'routes:read': 'List and read routes with their versions.',
  'routes:write': 'Create, change and remove routes.',
  'events:read': 'List events and read their state.',
  'events:raw': 'Read the bytes an event arrived with; each read is audited.',
  'events:replay': 'Replay events, and dismiss deliveries that failed.',
  'deliveries:read': 'List delivery attempts and dead letters.',
  'replays:read': 'List and read replays.',
  'quarantine:read': 'List refused requests, without their content.',
  'schemas:read': 'See what events look like, and how that changed.',
  'schemas:write': 'Say what events must look like, and what happens to those that do not.',
  'alerts:read': 'List alerts, and read their rules and channels, without secrets.',
  'alerts:write': 'Acknowledge alerts.',
  'alert-settings:write': 'Change alert rules and mute them; create, change, test and delete alert channels.',
  'retention:read': 'See how long things are kept, what is held, and what would be removed.',
  'retention:write': 'Say how long things are kept, and have what is due removed.',
  'legal-holds:write': 'Set and lift legal holds.',
  'audit:read': 'Read the audit trail.',
  'metrics:read': 'Read the counters of a process.',
} as const

export type Scope = keyof typeof SCOPES

export const ALL_SCOPES: ReadonlySet<Scope> = new Set(Object.keys(SCOPES) as Scope[])

/** What a route declares: who may enter. `public` asks for no credential. */
export type Access = 'public' | Scope

export function isAccess(value: unknown): value is Access {
  return typeof value === 'string' && (value === 'public' || Object.hasOwn(SCOPES, value))
}
