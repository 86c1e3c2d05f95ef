import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import { isUuid } from '@portico/kernel/ids'
import { readEmail } from '../read-email.js'
import type { SsoConnection } from '../records/sso-connection.js'
import {
  findSsoConnection,
  findSsoConnectionByDomain,
  findSsoConnectionByOrganization,
  hasActiveSsoConnection,
} from '../records/sso-connection.store.js'

/** How a connection is asked for: by exactly one of these. */
export interface SsoQuestion {
  connectionId?: string | undefined
  /** Id or slug. */
  organization?: string | undefined
  email?: string | undefined
}

export interface SsoDiscovery {
  connection: SsoConnection | null
  /** Whether it is the only way in for people of this address. */
  required: boolean
}

/**
 * Where somebody with this address signs in. It goes by the domain alone: whether there is an account, or an organization that has not
 * finished its connection, changes nothing of the answer.
 */
export class DiscoverSso {
  constructor(private readonly db: ProjectDb) {}

  async execute(project: ProjectRecord, email: string): Promise<SsoDiscovery> {
    const connection = await findSsoConnectionByDomain(this.db, project.scope, domainOf(email))
    return { connection, required: connection?.enforce ?? false }
  }

  /** Whether a sign-in page asks the address first. */
  isOffered(project: ProjectRecord): Promise<boolean> {
    return hasActiveSsoConnection(this.db, project.scope)
  }
}

/** Throws `validation_error` unless exactly one thing is said, and `not_found` for what leads to no connection that is in use. */
export async function findAskedConnection(db: ProjectDb, project: ProjectRecord, question: SsoQuestion): Promise<SsoConnection> {
  const { connectionId, organization, email } = question
  if ([connectionId, organization, email].filter((each) => each !== undefined).length !== 1)
    throw invalidField('connectionId', 'required', 'Say exactly one of connection_id, organization and email.')
  const found =
    connectionId !== undefined
      ? await byId(db, project, connectionId)
      : organization !== undefined
        ? await findSsoConnectionByOrganization(db, project.scope, organization)
        : await findSsoConnectionByDomain(db, project.scope, domainOf(email ?? ''))
  if (!found) throw new AuthError('not_found')
  return found
}

/** One that is being tried out is reached by its id alone. */
async function byId(db: ProjectDb, project: ProjectRecord, id: string): Promise<SsoConnection | null> {
  const found = isUuid(id) ? await findSsoConnection(db, project.scope, id) : null
  return found && found.state !== 'draft' ? found : null
}

function domainOf(email: string): string {
  const { normalised } = readEmail(email)
  return normalised.slice(normalised.lastIndexOf('@') + 1)
}
