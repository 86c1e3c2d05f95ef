import { readCertificate } from '@portico/crypto/certificate'
import { recordAudit } from '@portico/database/audit'
import { addToOutbox } from '@portico/database/outbox'
import type { PlatformSql } from '@portico/database/platform-sql'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectDirectory, ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { DAY_SECONDS } from '@portico/kernel/duration'
import type { Entropy } from '@portico/kernel/entropy'
import { noteCertificate, saveSsoMetadata, tenantOperators } from '../records/sso-certificate.store.js'
import type { SsoConnection } from '../records/sso-connection.js'
import { findSsoConnection } from '../records/sso-connection.store.js'
import { listSsoKeys } from '../records/sso-key.store.js'
import type { IdpMetadata } from './idp-metadata.js'

/** Days before the end of a certificate on which it is announced. */
const ANNOUNCED = [1, 7, 30] as const
const DAY_MS = DAY_SECONDS * 1_000
const BY = { actor: { type: 'system', id: null }, ip: null, userAgent: null } as const

/** A certificate whose end is near, and that has been announced just now. */
interface Ending {
  /** `own`: of a key of ours. */
  whose: 'identity_provider' | 'own'
  fingerprint: string
  expiresAt: Date
  days: number
}

/**
 * Looks after the certificates of one SAML connection: reads the metadata of its identity provider again, where it publishes them, and
 * announces what runs out 30, 7 and 1 days before, once each, in the log of the project and to whoever runs its tenant.
 */
export class WatchCertificates {
  constructor(
    private readonly db: ProjectDb,
    private readonly sql: PlatformSql,
    private readonly directory: ProjectDirectory,
    private readonly metadata: IdpMetadata,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  async execute(project: ProjectRecord, connectionId: string): Promise<void> {
    await this.#refresh(project, connectionId)
    const connection = await findSsoConnection(this.db, project.scope, connectionId)
    if (!connection || connection.state === 'draft') return
    const own = await listSsoKeys(this.db, project.scope, connectionId)
    const now = this.clock.now()
    const all = [
      ...(connection.settings.saml?.certificates ?? []).map((pem) => ({ whose: 'identity_provider' as const, pem })),
      ...own.map(({ certificate: pem }) => ({ whose: 'own' as const, pem })),
    ]
    const near = all.flatMap(({ whose, pem }) => endingOf(whose, pem, now))
    if (near.length === 0) return
    const announced = await this.db.transaction(project.scope, (tx) => announce(tx, connection, near, now))
    for (const ending of announced) await this.#write(project, connection, ending)
  }

  /** One that is away, or publishes something else today, changes nothing: what is known counts, and its end is announced. */
  async #refresh(project: ProjectRecord, connectionId: string): Promise<void> {
    const connection = await findSsoConnection(this.db, project.scope, connectionId)
    const saml = connection?.settings.saml
    if (!connection || !saml || saml.metadataUrl === null) return
    const published = await this.metadata.read(project, saml.metadataUrl).catch((error: unknown) => {
      if (error instanceof AuthError) return null
      throw error
    })
    if (published?.entityId !== saml.entityId) return
    const now = this.clock.now()
    const { certificates } = published
    const same = certificates.length === saml.certificates.length && certificates.every((pem) => saml.certificates.includes(pem))
    const settings = { ...connection.settings, saml: { ...saml, certificates, metadataReadAt: now.toISOString() } }
    const savedAt = connection.updatedAt
    await this.db.transaction(project.scope, async (tx) => {
      const saved = await saveSsoMetadata(tx, { id: connectionId, settings, savedAt, changedAt: same ? savedAt : now })
      if (!saved || same) return
      const about = { resource: 'sso_connection' as const, resourceId: connectionId, metadata: { certificates: certificates.length } }
      await recordAudit(tx, { ...BY, action: 'sso.metadata_refreshed', ...about }, now)
    })
  }

  /** To whoever runs the tenant, at the console. Where nobody does, the event is all there is. */
  async #write(project: ProjectRecord, connection: SsoConnection, { expiresAt }: Ending): Promise<void> {
    const operators = await tenantOperators(this.sql, project.scope.tenantId)
    const people = operators[0] && (await this.directory.resolve(operators[0].projectId))
    if (!people) return
    const about = { connection: `${connection.name} (${project.name})`, date: expiresAt.toISOString().slice(0, 10) }
    await this.db.transaction(people.scope, async (tx) => {
      for (const { userId: endUserId } of operators) {
        const payload = { endUserId, event: 'certificate_expiring', about } as const
        await addToOutbox(tx, this.entropy.uuid(), { kind: 'security_notice', payload }, this.clock.now())
      }
    })
  }
}

function endingOf(whose: Ending['whose'], pem: string, now: Date): Ending[] {
  const read = readCertificate(pem)
  if (!read) return []
  const left = (read.notAfter.getTime() - now.getTime()) / DAY_MS
  const days = ANNOUNCED.find((each) => left <= each)
  return days === undefined ? [] : [{ whose, fingerprint: read.fingerprint, expiresAt: read.notAfter, days }]
}

async function announce(tx: ProjectTx, { id, name }: SsoConnection, near: readonly Ending[], now: Date): Promise<Ending[]> {
  const announced: Ending[] = []
  for (const ending of near) {
    const { whose, fingerprint, expiresAt, days } = ending
    if (!(await noteCertificate(tx, { connectionId: id, fingerprint, days, now }))) continue
    const metadata = { connection: name, whose, fingerprint, expiresAt: expiresAt.toISOString(), days }
    await recordAudit(tx, { ...BY, action: 'sso.certificate_expiring', resource: 'sso_connection', resourceId: id, metadata }, now)
    announced.push(ending)
  }
  return announced
}
