import { recordAudit } from '@portico/database/audit'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { isUuid } from '@portico/kernel/ids'
import { problemOf, type CustomSchema } from '@portico/scim/custom-schema'
import type { Administrator } from '../administration/administrator.js'
import { asOperator } from '../organizations/organization-actor.js'
import { checkGrant } from '../organizations/organization-roles.js'
import type { Directory, GroupRole } from '../records/directory.js'
import {
  countDirectories,
  deleteDirectory,
  findDirectory,
  listDirectories,
  lockDirectory,
  saveDirectory,
} from '../records/directory.store.js'
import { lockOrganization } from '../records/organization.store.js'
import { followDirectoryRoles } from './follow-directory-roles.js'

const MAX_DIRECTORIES = 1_000
const MAX_GROUP_ROLES = 100

export interface DirectoryInput {
  name?: string | undefined
  groupRoles?: readonly GroupRole[] | undefined
  fallbackRole?: string | null | undefined
  customSchema?: CustomSchema | null | undefined
}

/** What operators do with the directories of a project. */
export class ManageDirectories {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  async list(project: ProjectRecord, organizationId: string | null): Promise<Directory[]> {
    if (organizationId !== null && !isUuid(organizationId)) return []
    return listDirectories(this.db, project.scope, organizationId)
  }

  /** Throws `not_found`. */
  async read(project: ProjectRecord, id: string): Promise<Directory> {
    return this.db.transaction(project.scope, async (tx) => required(await findDirectory(tx, id)))
  }

  /** Without an organization its people are people of the project, and groups give no roles. */
  async create(
    project: ProjectRecord,
    by: Administrator,
    input: DirectoryInput & { name: string; organizationId: string | null; id?: string },
  ): Promise<Directory> {
    if (project.firstEnabledAt === null) throw new AuthError('auth_not_enabled')
    const { organizationId } = input
    const now = this.clock.now()
    return this.db.transaction(project.scope, async (tx) => {
      if (organizationId !== null && !(isUuid(organizationId) && (await lockOrganization(tx, organizationId)))) {
        throw invalidField('organizationId', 'unknown', 'There is no such organization.')
      }
      if ((await countDirectories(tx)) >= MAX_DIRECTORIES) {
        throw new AuthError('forbidden', { message: `No more than ${MAX_DIRECTORIES} directories.` })
      }
      const directory: Directory = {
        id: input.id ?? this.entropy.uuid(),
        organizationId,
        name: input.name,
        groupRoles: input.groupRoles ?? [],
        fallbackRole: input.fallbackRole === undefined ? (organizationId === null ? null : 'member') : input.fallbackRole,
        customSchema: input.customSchema ?? null,
        lastUsedAt: null,
        createdAt: now,
        updatedAt: now,
      }
      await this.#check(tx, by, directory)
      await saveDirectory(tx, directory)
      const audit = { resource: 'directory' as const, resourceId: directory.id, metadata: { organizationId } }
      await recordAudit(tx, { ...by, action: 'directory.created', ...audit }, now)
      return directory
    })
  }

  /** Other roles count at once: for every `/verify`, in tokens from their next refresh. */
  async change(project: ProjectRecord, by: Administrator, id: string, input: DirectoryInput): Promise<Directory> {
    const now = this.clock.now()
    return this.db.transaction(project.scope, async (tx) => {
      const before = required(await lockDirectory(tx, id))
      const given = Object.entries(input).filter(([, value]) => value !== undefined)
      if (given.length === 0) return before
      const directory: Directory = { ...before, ...Object.fromEntries(given), updatedAt: now }
      await this.#check(tx, by, directory)
      await saveDirectory(tx, directory)
      const fields = given.map(([name]) => name)
      await recordAudit(tx, { ...by, action: 'directory.changed', resource: 'directory', resourceId: id, metadata: { fields } }, now)
      if (fields.includes('groupRoles') || fields.includes('fallbackRole')) {
        await followDirectoryRoles(tx, directory, { userIds: null, now })
      }
      return directory
    })
  }

  /** Its people stay as they are, as people of the project: who was disabled stays disabled. */
  async remove(project: ProjectRecord, by: Administrator, id: string): Promise<void> {
    const now = this.clock.now()
    await this.db.transaction(project.scope, async (tx) => {
      const { organizationId } = required(await lockDirectory(tx, id))
      await deleteDirectory(tx, id)
      const audit = { resource: 'directory' as const, resourceId: id, metadata: { organizationId } }
      await recordAudit(tx, { ...by, action: 'directory.removed', ...audit }, now)
    })
  }

  async #check(tx: ProjectTx, by: Administrator, { organizationId, groupRoles, fallbackRole, customSchema }: Directory): Promise<void> {
    const problem = customSchema && problemOf(customSchema)
    if (problem) throw invalidField(`customSchema.${problem.at}`, problem.code, problem.message)
    if (groupRoles.length > MAX_GROUP_ROLES) throw invalidField('groupRoles', 'too_many', `At most ${MAX_GROUP_ROLES}.`)
    const roles = new Set([...groupRoles.map(({ role }) => role), ...(fallbackRole === null ? [] : [fallbackRole])])
    if (organizationId === null && roles.size > 0) {
      throw invalidField('groupRoles', 'no_organization', 'Only a directory of an organization gives roles.')
    }
    for (const role of roles) if (organizationId !== null) await checkGrant(tx, asOperator(by), organizationId, role)
  }
}

function required(directory: Directory | null): Directory {
  if (!directory) throw new AuthError('not_found')
  return directory
}
