import type { Value } from '@portico/scim/read-value'
import type { Resource } from '@portico/scim/resource'

/** A person as their directory says them. */
export interface DirectoryUser {
  id: string
  directoryId: string
  /** What the directory says. */
  resource: Resource
  /** Whether they may sign in, as far as the directory says. */
  active: boolean
  /** When the directory itself disabled the account. */
  disabledAt: Date | null
  version: number
  createdAt: Date
  updatedAt: Date
  deletedAt: Date | null
}

export interface DirectoryUserRow {
  end_user_id: string
  directory_id: string
  user_name: string
  external_id: string | null
  attributes: Pick<Resource, 'core' | 'extensions'>
  active: boolean
  disabled_at: Date | null
  version: number
  created_at: Date
  updated_at: Date
  deleted_at: Date | null
}

/** Of a table or alias `d`. */
export const DIRECTORY_USER_COLUMNS =
  `d.end_user_id, d.directory_id, d.user_name, d.external_id, d.attributes, d.active, d.disabled_at, d.version, d.created_at, d.updated_at,
  d.deleted_at`

export function toDirectoryUser(row: DirectoryUserRow): DirectoryUser {
  return {
    id: row.end_user_id,
    directoryId: row.directory_id,
    resource: {
      externalId: row.external_id,
      // Whether somebody may sign in is a column; that the directory says so is not: it may take `active` away, and nothing changes.
      core: { userName: row.user_name, ...row.attributes.core },
      extensions: row.attributes.extensions,
    },
    active: row.active,
    disabledAt: row.disabled_at,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    deletedAt: row.deleted_at,
  }
}

/** What its columns hold of it. */
export function storedUser({ resource: { core, extensions, externalId }, active }: Pick<DirectoryUser, 'resource' | 'active'>) {
  const userName = String(core['userName'])
  const others = Object.fromEntries(Object.entries(core).filter(([name]) => name !== 'userName'))
  const attributes = JSON.stringify({ core: others, extensions })
  return { userName, key: userName.toLowerCase(), externalId, attributes, active, emails: emailKeys(core['emails']) }
}

/** Longer ones are no addresses, and too long for an index. */
export const MAX_EMAIL_KEY = 500

/** What somebody is found by, each once. */
function emailKeys(emails: Value | undefined): string[] {
  const list = Array.isArray(emails) ? emails : []
  const values = list.map((each) => (typeof each === 'object' ? each['value'] : each))
  return [...new Set(values.flatMap((value) => (isEmailKey(value) ? [value.toLowerCase()] : [])))]
}

export function isEmailKey(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_EMAIL_KEY
}
