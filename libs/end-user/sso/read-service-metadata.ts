import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import { isUuid } from '@portico/kernel/ids'
import { samlMetadata } from '@portico/sso/saml/service-metadata'
import type { AuthUrls } from '../project/auth-urls.js'
import { ssoUrls } from '../project/sso-urls.js'
import { findSsoConnection } from '../records/sso-connection.store.js'
import { listSsoKeys } from '../records/sso-key.store.js'

/** Our metadata for the identity provider of a SAML connection. It needs them while the connection is a draft. */
export class ReadServiceMetadata {
  constructor(
    private readonly db: ProjectDb,
    private readonly urls: AuthUrls,
  ) {}

  async execute(project: ProjectRecord, connectionId: string): Promise<string> {
    const connection = isUuid(connectionId) ? await findSsoConnection(this.db, project.scope, connectionId) : null
    if (connection?.settings.protocol !== 'saml') throw new AuthError('not_found')
    const keys = await listSsoKeys(this.db, project.scope, connection.id)
    const { entityId, acsUrl, sloUrl } = ssoUrls(this.urls.issuer(project), connection.id)
    const { saml } = connection.settings
    return samlMetadata({
      entityId,
      acsUrl,
      // Without a key no answer could be signed.
      sloUrl: keys.length > 0 && (saml?.sloUrl ?? null) !== null ? sloUrl : null,
      signsRequests: saml?.signRequests === true && keys.length > 0,
      certificates: keys.toReversed().map(({ certificate }) => certificate),
    })
  }
}
