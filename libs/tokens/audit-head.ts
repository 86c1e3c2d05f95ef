import type { P256Key } from '@portico/crypto/p256-key'
import { CompactSign, importJWK } from 'jose'

/** Where the chain of a project's audit log stood at the end of a day. */
export interface AuditHead {
  /** `proj_…` */
  project: string
  seq: number
  /** Hex. */
  head: string
  day: string
}

/** RFC 7515, 4.1.9: no token of ours has this type, and none of them verifies as a head. */
export const AUDIT_HEAD_TYPE = 'portico-audit-head+jws'

/** Signs a head with the key of the installation. */
export async function signAuditHead({ kid, d, x, y }: P256Key, head: AuditHead): Promise<string> {
  const key = await importJWK({ kty: 'EC', crv: 'P-256', d, x, y }, 'ES256')
  const { project, seq, head: hex, day } = head
  return new CompactSign(new TextEncoder().encode(JSON.stringify({ project, seq, head: hex, day })))
    .setProtectedHeader({ alg: 'ES256', kid, typ: AUDIT_HEAD_TYPE })
    .sign(key)
}
