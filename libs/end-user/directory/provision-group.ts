import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { isUuid } from '@portico/kernel/ids'
import { GROUP_TYPE } from '@portico/scim/core-schemas'
import { checkPrecondition } from '@portico/scim/etag'
import { patchResource } from '@portico/scim/patch'
import type { MemberChange } from '@portico/scim/patch-members'
import type { PatchOperation } from '@portico/scim/patch-operations'
import type { Resource } from '@portico/scim/resource'
import {
  deleteDirectoryGroup,
  insertDirectoryGroup,
  lockDirectoryGroup,
  saveDirectoryGroup,
  type DirectoryGroup,
} from '../records/directory-group.store.js'
import { addGroupMembers, findDirectoryUserIds, removeGroupMembers } from '../records/directory-member.store.js'
import { nobody, refuseTaken, taken, type DirectoryCall } from './directory-call.js'
import { noteDone, STAYS_ADMIN } from './directory-log.js'
import type { DirectorySizes } from './directory-sizes.js'
import { followDirectoryRoles } from './follow-directory-roles.js'

export interface GroupChange {
  method: 'PUT' | 'PATCH'
  ifMatch: string | null
  members: readonly MemberChange[]
  /** What becomes of the rest. */
  operations: readonly PatchOperation[] | Resource
}

/** Makes the groups of a directory, changes them, and gives their members the roles that follow. */
export class ProvisionGroup {
  constructor(
    private readonly db: ProjectDb,
    private readonly sizes: DirectorySizes,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /**
   * Throws `uniqueness` when the name is taken. A member who is no user of the directory is left out, as the log says: an account that was
   * deleted here must not stop the rest of its groups, sync after sync.
   */
  async create(call: DirectoryCall, resource: Resource, members: readonly string[]): Promise<DirectoryGroup> {
    const { project, directory } = call
    const now = this.clock.now()
    return this.db.transaction(project.scope, async (tx) => {
      await this.sizes.admitGroup(tx, directory.id)
      const dates = { createdAt: now, updatedAt: now }
      const group = { id: this.entropy.uuid(), directoryId: directory.id, version: 1, ...namesOf(resource), ...dates }
      if (!(await insertDirectoryGroup(tx, group))) throw taken('displayName')
      const { touched, unknown } = await this.#changeMembers(tx, call, group.id, [{ kind: 'add', ids: [...members] }])
      await this.#finish(tx, call, { method: 'POST', id: group.id, status: 201, touched, unknown, now })
      return group
    })
  }

  async change(call: DirectoryCall, id: string, { method, ifMatch, members, operations }: GroupChange): Promise<DirectoryGroup> {
    const { project, directory } = call
    const now = this.clock.now()
    return this.db.transaction(project.scope, async (tx) => {
      const before = isUuid(id) ? await lockDirectoryGroup(tx, directory.id, id) : null
      if (!before) throw nobody()
      checkPrecondition(ifMatch, before.version)
      const after = isOperations(operations) ? patchResource(GROUP_TYPE, resourceOf(before), operations) : operations
      const { touched, unknown } = await this.#changeMembers(tx, call, id, members)
      const next = { ...before, ...namesOf(after), updatedAt: now }
      // What was so already is no change: neither the version nor the time of it moves (RFC 7644, 3.5.2.1).
      const same = touched.length === 0 && next.displayName === before.displayName && next.externalId === before.externalId
      const group = same ? before : await saveDirectoryGroup(tx, next).catch((error: unknown) => refuseTaken(error, 'displayName'))
      // Roles go by the name: everybody in it may have another one now.
      const renamed = group.displayName !== before.displayName
      await this.#finish(tx, call, { method, id, status: 200, touched: renamed ? null : touched, unknown, now })
      return group
    })
  }

  async remove(call: DirectoryCall, id: string, ifMatch: string | null): Promise<void> {
    const { project, directory } = call
    const now = this.clock.now()
    await this.db.transaction(project.scope, async (tx) => {
      const before = isUuid(id) ? await lockDirectoryGroup(tx, directory.id, id) : null
      if (!before) throw nobody()
      checkPrecondition(ifMatch, before.version)
      const touched = await removeGroupMembers(tx, id, { ids: null, except: [] })
      await deleteDirectoryGroup(tx, id)
      await this.#finish(tx, call, { method: 'DELETE', id, status: 204, touched, unknown: 0, now })
    })
  }

  async #finish(
    tx: ProjectTx,
    call: DirectoryCall,
    { method, id, status, touched, unknown, now }: Changed & { method: string; id: string; status: number; now: Date },
  ): Promise<void> {
    const userIds = touched && [...new Set(touched)]
    const stays = userIds?.length === 0 ? null : await followDirectoryRoles(tx, call.directory, { userIds, now })
    const said = [
      ...(unknown === 0 ? [] : [`${unknown} of the members are no users of this directory, and were left out.`]),
      ...(stays === null ? [] : [STAYS_ADMIN]),
    ]
    const detail = said.length === 0 ? null : said.join(' ')
    await noteDone(tx, call, { id: this.entropy.uuid(), method, resource: 'Group', resourceId: id, status, detail, now })
  }

  /** Answers whose membership changed. */
  async #changeMembers(
    tx: ProjectTx,
    call: DirectoryCall,
    groupId: string,
    changes: readonly MemberChange[],
  ): Promise<{ touched: string[]; unknown: number }> {
    const touched: string[] = []
    let unknown = 0
    for (const change of changes) {
      if (change.kind === 'remove') {
        // Who is not in it, or not known at all, is not in it afterwards.
        const ids = change.ids?.filter(isUuid) ?? null
        touched.push(...(await removeGroupMembers(tx, groupId, { ids, except: [] })))
        continue
      }
      const ids = change.ids.filter(isUuid)
      const known = ids.length === 0 ? [] : await findDirectoryUserIds(tx, call.directory.id, ids)
      unknown += new Set(change.ids).size - known.length
      if (change.kind === 'replace') touched.push(...(await removeGroupMembers(tx, groupId, { ids: null, except: known })))
      if (known.length > 0) touched.push(...(await addGroupMembers(tx, groupId, known)))
    }
    return { touched, unknown }
  }
}

interface Changed {
  /** `null`: everybody, since the group is called something else. */
  touched: string[] | null
  /** Members who are nobody of the directory. */
  unknown: number
}

function isOperations(operations: readonly PatchOperation[] | Resource): operations is readonly PatchOperation[] {
  return Array.isArray(operations)
}

function namesOf({ core, externalId }: Resource) {
  return { displayName: String(core['displayName']), externalId }
}

function resourceOf({ displayName, externalId }: DirectoryGroup): Resource {
  return { externalId, core: { displayName }, extensions: {} }
}
