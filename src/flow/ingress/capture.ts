/**
 * Keeps the secret that a provider hands over while it greets a new endpoint.
 *
 * Only a pending integration takes one: judged again under its lock, so that of two greetings one wins and nothing that
 * is stored can be replaced by greeting once more.
 */
import { PosternError } from '../../base/model/errors.ts'
import { newId, publicId } from '../../base/model/ids.ts'
import { checkKey } from '../../providers/keys.ts'
import { inboundKeyContext, type Secrets } from '../../resources/secrets/stored-secret.ts'
import { appendAudit } from '../../resources/store/audit.ts'
import type { Database } from '../../resources/store/database.ts'
import { insertKey } from '../../resources/store/integration-keys.ts'
import { lockIntegration, notifyIntegrationsChanged, updateIntegration } from '../../resources/store/integrations.ts'
import type { Directory, Receiver } from './directory.ts'

/** @throws PosternError `CONFLICT` when it is no longer pending, `VALIDATION_ERROR` when this can be no key. */
export type Capture = (receiver: Receiver, secret: string) => Promise<void>

export interface CaptureOptions {
  readonly db: Database
  readonly secrets: Secrets
  readonly directory: Directory
}

export function createCapture({ db, secrets, directory }: CaptureOptions): Capture {
  return async ({ integration, verifier }, secret) => {
    if (checkKey(verifier.scheme, secret) !== undefined)
      throw new PosternError('VALIDATION_ERROR', 'What came with the greeting cannot be a key.')
    const { tenantId, id: integrationId } = integration
    const id = newId()
    const sealed = secrets.keyring.seal(inboundKeyContext({ id, tenantId }), secret)
    await db.transaction(async (tx) => {
      const locked = await lockIntegration(tx, tenantId, integrationId)
      if (locked?.status !== 'pending') throw new PosternError('CONFLICT', 'This endpoint is set up already.')
      await insertKey(tx, {
        id,
        tenantId,
        integrationId,
        reference: null,
        sealed,
        slot: null,
        notBefore: null,
        notAfter: null,
      })
      await updateIntegration(tx, locked, { status: 'active' })
      await appendAudit(tx, {
        tenantId,
        actor: 'ingress',
        action: 'key.captured',
        entityType: 'key',
        entityId: id,
        details: {
          integrationId: publicId('integration', integrationId),
          provider: integration.provider,
          activated: true,
        },
      })
      await notifyIntegrationsChanged(tx)
    })
    await directory.refresh()
  }
}
