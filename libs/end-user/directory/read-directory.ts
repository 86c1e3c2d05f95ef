import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import { isUuid } from '@portico/kernel/ids'
import { GROUP_TYPE } from '@portico/scim/core-schemas'
import { readFilter } from '@portico/scim/filter'
import type { DirectoryGroup } from '../records/directory-group.store.js'
import { searchDirectoryGroups, searchDirectoryUsers, type DirectoryQuery, type Found } from '../records/directory-list.view.js'
import { countGroupMembers, listGroupMembers, listGroupsOf, type GroupMember } from '../records/directory-member.store.js'
import type { DirectoryUser } from '../records/directory-user.js'
import { nobody, type DirectoryCall } from './directory-call.js'

/** With their groups. */
export interface ListedUser {
  user: DirectoryUser
  groups: GroupMember[]
}

/** With its people. */
export interface ListedGroup {
  group: DirectoryGroup
  members: GroupMember[]
}

type Search = Omit<DirectoryQuery, 'directoryId'>

/** What a directory sees of its own people and groups; nothing of anybody else's. */
export class ReadDirectory {
  constructor(private readonly db: ProjectDb) {}

  /** `withGroups: false`: whoever asks does not want to see them. */
  async users(call: DirectoryCall, search: Search, withGroups: boolean): Promise<Found<ListedUser>> {
    return this.db.transaction(call.project.scope, async (tx) => {
      const found = await searchDirectoryUsers(tx, { ...search, directoryId: call.directory.id })
      return { total: found.total, items: await listed(tx, found.items, withGroups) }
    })
  }

  async groups(call: DirectoryCall, search: Search, withMembers: boolean): Promise<Found<ListedGroup>> {
    return this.db.transaction(call.project.scope, async (tx) => {
      const { total, items } = await searchDirectoryGroups(tx, { ...search, directoryId: call.directory.id })
      const ids = items.map(({ id }) => id)
      const members = withMembers && ids.length > 0 ? await listGroupMembers(tx, ids) : []
      return { total, items: items.map((group) => ({ group, members: members.filter(({ groupId }) => groupId === group.id) })) }
    })
  }

  /** Throws 404. */
  async user(call: DirectoryCall, id: string): Promise<ListedUser> {
    const [found] = isUuid(id) ? (await this.users(call, oneBy(id), true)).items : []
    if (!found) throw nobody()
    return found
  }

  /** Whether a group has no more people than this. */
  async isSmall(call: DirectoryCall, id: string, most: number): Promise<boolean> {
    return this.db.transaction(call.project.scope, async (tx) => (await countGroupMembers(tx, id, most)) <= most)
  }

  /** Throws 404. */
  async group(call: DirectoryCall, id: string, withMembers: boolean): Promise<ListedGroup> {
    const [found] = isUuid(id) ? (await this.groups(call, oneBy(id), withMembers)).items : []
    if (!found) throw nobody()
    return found
  }
}

async function listed(tx: ProjectTx, users: DirectoryUser[], withGroups: boolean): Promise<ListedUser[]> {
  const groups = withGroups && users.length > 0 ? await listGroupsOf(tx, users.map(({ id }) => id)) : []
  return users.map((user) => ({ user, groups: groups.filter(({ userId }) => userId === user.id) }))
}

/** Of any type: `id` is common to all. */
function oneBy(id: string): Search {
  return { condition: readFilter(GROUP_TYPE, `id eq "${id}"`), sort: null, offset: 0, limit: 1 }
}
