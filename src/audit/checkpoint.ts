/**
 * Signed checkpoints: the heads of all chains at one time. Whoever cuts off the end of a chain and turns its
 * head back must also forge a signature, or remove checkpoints that were exported.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import { newId } from '../base/model/ids.ts'
import {
  insertCheckpoint,
  latestCheckpoint,
  listChains,
  type StoredChain,
  type StoredCheckpoint,
} from '../resources/store/audit-chains.ts'
import type { Database } from '../resources/store/database.ts'

/** A chain's head as a checkpoint records it. */
export interface CheckpointHead {
  readonly chain: string
  readonly seq: number
  readonly hash: string
}

export interface SigningKey {
  readonly privateKey: KeyObject
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer
}

/** An Ed25519 key as PEM text (PKCS #8), for the secrets room to keep. */
export function generateSigningKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

export function readSigningKey(pem: string): SigningKey {
  const privateKey = createPrivateKey(pem)
  return { privateKey, publicKey: createPublicKey(privateKey).export({ type: 'spki', format: 'der' }) }
}

/** Writes a checkpoint unless nothing was appended since the last one. */
export async function writeCheckpoint(db: Database, key: SigningKey, now: Date): Promise<boolean> {
  const heads = headsOf(await listChains(db))
  if ((await latestCheckpoint(db))?.heads === heads) return false
  const signature = sign(null, signedBytes(heads, now), key.privateKey)
  await insertCheckpoint(db, { id: newId(), at: now, heads, publicKey: key.publicKey, signature })
  return true
}

/** @param trusted The public key the verifier knows; without it only that the signature is by the key beside it. */
export function isCheckpointSigned(checkpoint: StoredCheckpoint, trusted?: Buffer): boolean {
  if (trusted !== undefined && !trusted.equals(checkpoint.publicKey)) return false
  try {
    const key = createPublicKey({ key: checkpoint.publicKey, type: 'spki', format: 'der' })
    return verify(null, signedBytes(checkpoint.heads, checkpoint.at), key, checkpoint.signature)
  } catch {
    // Bytes that are no key were not signed by one.
    return false
  }
}

function headsOf(chains: readonly StoredChain[]): string {
  const heads: CheckpointHead[] = chains
    .filter((chain) => chain.seq > 0)
    .map((chain) => ({ chain: chain.id, seq: chain.seq, hash: chain.head.toString('hex') }))
  return JSON.stringify(heads)
}

function signedBytes(heads: string, at: Date): Buffer {
  return Buffer.from(`postern-audit-checkpoint.${at.getTime()}.${heads}`)
}
