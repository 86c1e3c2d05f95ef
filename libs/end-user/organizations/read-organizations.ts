import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { Organization } from '../records/organization.js'
import { listOrganizations, listOrganizationsOf, type OrganizationPage } from '../records/organization.store.js'
import type { AuthenticatedSession } from '../steps/authenticate.js'
import { permittedOrganization, requireOrganizations, type OrganizationActor } from './organization-actor.js'

/** All of a project: for operators. */
export class ListOrganizations {
  constructor(private readonly db: ProjectDb) {}

  execute(project: ProjectRecord, page: OrganizationPage): Promise<Organization[]> {
    return listOrganizations(this.db, project.scope, page)
  }
}

/** Those that the signed-in person belongs to, with the role there. */
export class ListOwnOrganizations {
  constructor(private readonly db: ProjectDb) {}

  async execute(
    project: ProjectRecord,
    session: Pick<AuthenticatedSession, 'user'>,
  ): Promise<{ organization: Organization; role: string }[]> {
    requireOrganizations(project)
    return listOrganizationsOf(this.db, project, session.user.id)
  }
}

export class ReadOrganization {
  constructor(private readonly db: ProjectDb) {}

  execute(project: ProjectRecord, actor: OrganizationActor, id: string): Promise<Organization> {
    return this.db.transaction(project.scope, (tx) => permittedOrganization(tx, actor, id, 'org.read'))
  }
}
