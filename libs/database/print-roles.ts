import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { roleNames } from './role-names.js'
import { scramVerifier } from './role-passwords.js'

export interface PrintRolesOptions {
  prismaDir: string
  rolePrefix?: string
  /** Who runs migrate: a role that may make no roles. */
  owner: string
  rolePasswords: Record<string, string>
}

const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`

/**
 * SQL for whoever may make roles on the server, when the owner may not: the same roles that migrate makes, with their passwords as the
 * server stores them, and the owner's membership in those that own something.
 */
export async function printRoles({ prismaDir, rolePrefix = 'portico', owner, rolePasswords }: PrintRolesOptions): Promise<string> {
  const names = roleNames(rolePrefix)
  const roles = names(await readFile(join(prismaDir, 'roles.sql'), 'utf8'))
  const passwords = await Promise.all(
    Object.entries(rolePasswords).map(async ([role, password]) => `alter role ${identifier(role)} login password '${await scramVerifier(password)}';`),
  )
  const owned = names('portico_maintenance, portico_worker')
  return `${[
    '-- Roles of this installation. To be run once by a role that may make roles, and again after the master key was changed.',
    'begin;',
    roles.trim(),
    ...passwords,
    // To give them what they own, and to be a member by its own grant as migrations of the first release make it one.
    `grant ${owned} to ${identifier(owner)} with admin option;`,
    'commit;',
  ].join('\n')}\n`
}
