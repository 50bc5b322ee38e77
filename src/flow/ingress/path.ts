/**
 * The receive path: `/api/v1/webhooks/:provider[/:integrationId]`, spelt exactly so.
 */

export interface ReceivePath {
  readonly provider: string
  readonly integrationId: string | undefined
  readonly query: string
}

const PATH = /^\/api\/v1\/webhooks\/([A-Za-z0-9-]{2,50})(?:\/(int_[0-9a-f]{32}))?(\?.*)?$/s

export function parsePath(url: string): ReceivePath | undefined {
  const match = PATH.exec(url)
  if (match === null) return undefined
  const [, provider = '', integrationId, query = ''] = match
  return { provider: provider.toLowerCase(), integrationId, query }
}

/** Only schemes that sign the URL look at it, and for those the operator states it; Host is the sender's own claim. */
export function defaultPublicUrl(configured: string | undefined, target: string): string {
  const path = target.split('?', 1)[0] ?? ''
  return `${configured?.replace(/\/+$/, '') ?? 'http://localhost'}${path}`
}
