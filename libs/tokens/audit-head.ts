import type { P256Key } from '@portico/crypto/p256-key'
import { CompactSign, importJWK } from 'jose'

/** Whose log it is: `proj_…` or `tnt_…`. */
export type AuditSubject = { project: string } | { tenant: string }

/**
 * What the installation says about an audit log, by the type of the signature (RFC 7515, 4.1.9): no token of ours has one of these, and
 * none of them counts as another.
 */
export interface AuditStatements {
  /** Where the chain stood at the end of a day. */
  head: AuditSubject & { seq: number; head: string; day: string }
  /** Rows up to `seq` were older than `before`, and were deleted. */
  retention: AuditSubject & { seq: number; head: string; before: string }
  /** What an export holds, and when it was made: nobody cuts it off or adds to it afterwards. */
  export: AuditSubject & { from: number; seq: number; head: string; at: string }
  /** What of a person was destroyed, and what is left. */
  erasure: { project: string; user: string; at: string; destroyed: Record<string, number>; kept: Record<string, string> }
}

export const AUDIT_TYPES: Record<keyof AuditStatements, string> = {
  head: 'portico-audit-head+jws',
  retention: 'portico-audit-retention+jws',
  export: 'portico-audit-export+jws',
  erasure: 'portico-erasure+jws',
}

/** Signs a statement with the key of the installation. */
export async function signAuditStatement<K extends keyof AuditStatements>(
  { kid, d, x, y }: P256Key,
  kind: K,
  statement: AuditStatements[K],
): Promise<string> {
  const key = await importJWK({ kty: 'EC', crv: 'P-256', d, x, y }, 'ES256')
  return new CompactSign(new TextEncoder().encode(JSON.stringify(statement)))
    .setProtectedHeader({ alg: 'ES256', kid, typ: AUDIT_TYPES[kind] })
    .sign(key)
}
