import { verifiedStatement, type Jwk } from './audit-bytes.js'

/** What an installation has signed about an erasure. */
export interface ErasureStatement {
  projectId: string
  userId: string
  erasedAt: string
  /** How many rows of what. */
  destroyed: Record<string, number>
  /** What is left, and why. */
  kept: Record<string, string>
  /** The thumbprint (RFC 7638) of the key that signed: compare it with what the installation publishes. */
  key: string
}

/** Reads the receipt of an erasure without asking anybody; `null` when none of these keys (`GET /audit-keys`) signed it. */
export async function verifyErasureReceipt(receipt: string, { keys }: { keys: readonly object[] }): Promise<ErasureStatement | null> {
  const signed = await verifiedStatement(receipt.trim(), 'portico-erasure+jws', keys as readonly Jwk[])
  if (!signed) return null
  const { project, user, at, destroyed, kept } = signed.payload
  return {
    projectId: String(project), userId: String(user), erasedAt: String(at), destroyed: destroyed as Record<string, number>,
    kept: kept as Record<string, string>, key: signed.kid,
  }
}
