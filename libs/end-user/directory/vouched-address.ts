import type { ProjectTx } from '@portico/database/project-db'
import type { Directory } from '../records/directory.js'

/**
 * Whether the organization of the directory has proved that the domain of this address is its own. Only then does its directory say whose
 * an account is that was there before: anybody can put a stranger's address into their own identity provider.
 */
export async function vouchesFor(_tx: ProjectTx, _directory: Directory, _address: string): Promise<boolean> {
  return false
}
