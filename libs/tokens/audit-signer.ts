import { deriveP256Key, type P256Key } from '@portico/crypto/p256-key'
import { formatId } from '@portico/kernel/ids'
import { signAuditStatement, type AuditStatements, type AuditSubject } from './audit-head.js'

/** A log: of a project, or the own one of a tenant. */
export interface AuditLogRef {
  kind: 'proj' | 'tnt'
  id: string
}

export function subjectOf({ kind, id }: AuditLogRef): AuditSubject {
  return kind === 'proj' ? { project: formatId('proj', id) } : { tenant: formatId('tnt', id) }
}

/** The key of the installation. It follows from the master key: whoever can write to the database alone does not have it. */
export class AuditSigner {
  readonly #key: P256Key

  constructor(masterKey: Buffer) {
    this.#key = deriveP256Key(masterKey, 'portico/audit-head')
  }

  get publicJwk(): { kid: string } & Record<string, string> {
    const { kid, x, y } = this.#key
    return { kty: 'EC', crv: 'P-256', x, y, kid, alg: 'ES256', use: 'sig' }
  }

  sign<K extends keyof AuditStatements>(kind: K, statement: AuditStatements[K]): Promise<string> {
    return signAuditStatement(this.#key, kind, statement)
  }
}
