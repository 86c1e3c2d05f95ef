import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { SsoConnection } from '../records/sso-connection.js'
import type { IdpMetadata } from './idp-metadata.js'

const PAUSE_MS = 60_000
const MAX_KNOWN = 1_000

interface Known {
  askedAt: number
  /** As the operator saved the connection: a change of theirs counts before what was found. */
  savedAt: number
  certificates: readonly string[] | null
}

/**
 * Certificates that identity providers publish today. They are kept in this process alone: what stands in the database is what an operator
 * gave. Anybody can bring a forged signature, so an identity provider is asked once a minute and connection at the most.
 */
export class FreshCertificates {
  readonly #known = new Map<string, Known>()

  constructor(
    private readonly metadata: IdpMetadata,
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {}

  /** Those that count just now. */
  of(connection: SsoConnection): readonly string[] {
    return this.#current(connection)?.certificates ?? connection.settings.saml?.certificates ?? []
  }

  /** Others than those that count just now; `null`: there are none, or it is not worth asking yet. */
  async renewed(project: ProjectRecord, connection: SsoConnection): Promise<readonly string[] | null> {
    const { saml } = connection.settings
    if (!saml?.metadataUrl) return null
    const known = this.#current(connection)
    if (known && this.monotonicMs() - known.askedAt < PAUSE_MS) return null
    const before = this.of(connection)
    const asked: Known = { askedAt: this.monotonicMs(), savedAt: connection.updatedAt.getTime(), certificates: known?.certificates ?? null }
    this.#known.delete(connection.id)
    this.#known.set(connection.id, asked)
    if (this.#known.size > MAX_KNOWN) this.#known.delete(this.#known.keys().next().value!)
    try {
      const { entityId, certificates } = await this.metadata.read(project, saml.metadataUrl)
      if (entityId !== saml.entityId || certificates.every((each) => before.includes(each))) return null
      asked.certificates = certificates
      return certificates
    } catch (error) {
      // Away, or no metadata today: then what was known counts.
      if (error instanceof AuthError) return null
      throw error
    }
  }

  #current(connection: SsoConnection): Known | null {
    const known = this.#known.get(connection.id)
    return known?.savedAt === connection.updatedAt.getTime() ? known : null
  }
}
