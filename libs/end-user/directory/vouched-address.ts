import type { ProjectTx } from '@portico/database/project-db'
import { ownsEmailDomain } from '../records/email-domain.store.js'
import type { Directory } from '../records/directory.js'

/**
 * Whether the organization of the directory (or the project, for a directory of its own) has proved that the domain of this address is its
 * own. Only then does its directory say whose an account is that was there before: anybody can put a stranger's address into their own
 * identity provider.
 */
export async function vouchesFor(tx: ProjectTx, directory: Directory, address: string): Promise<boolean> {
  return ownsEmailDomain(tx, directory.organizationId, address.slice(address.lastIndexOf('@') + 1))
}
