import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { permittedOrganization, type OrganizationActor } from '../organizations/organization-actor.js'
import type { SsoConnection } from '../records/sso-connection.js'
import { listSsoConnections } from '../records/sso-connection.store.js'

/** How the connections of an organization stand, for those of its people who manage them. */
export class ConnectionsOf {
  constructor(private readonly db: ProjectDb) {}

  /** Throws `not_found`, `forbidden`. */
  execute(project: ProjectRecord, actor: OrganizationActor, organizationId: string): Promise<SsoConnection[]> {
    return this.db.transaction(project.scope, async (tx) => {
      const { id } = await permittedOrganization(tx, actor, organizationId, 'sso.manage')
      return listSsoConnections(tx, id)
    })
  }
}
