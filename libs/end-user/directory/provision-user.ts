import { isDeepStrictEqual } from 'node:util'
import { recordAudit } from '@portico/database/audit'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { isUuid } from '@portico/kernel/ids'
import { checkPrecondition } from '@portico/scim/etag'
import type { Resource } from '@portico/scim/resource'
import { ScimProblem } from '@portico/scim/scim-problem'
import type { DirectoryUser } from '../records/directory-user.js'
import {
  findDirectoryUserByName,
  findDirectoryUserOfAccount,
  insertDirectoryUser,
  lockDirectoryUser,
  saveDirectoryUser,
} from '../records/directory-user.store.js'
import type { EndUser } from '../records/end-user.js'
import { lockAnyEndUser, lockEndUserByEmail } from '../records/end-user-search.store.js'
import { evict } from '../steps/evict.js'
import type { AskHooks } from '../steps/hooks/ask-hooks.js'
import type { SignUpApproval } from '../steps/hooks/sign-up-approval.js'
import { makeAccount } from '../steps/make-account.js'
import { byDirectory, nobody, refuseTaken, taken, type DirectoryCall } from './directory-call.js'
import { noteDone, STAYS_ADMIN } from './directory-log.js'
import { addressOf, profileOf } from './directory-profile.js'
import type { DirectorySizes } from './directory-sizes.js'
import { followDirectoryRoles } from './follow-directory-roles.js'
import { manageAccount } from './manage-account.js'
import { vouchesFor } from './vouched-address.js'

/** Makes the people of a directory and changes them. */
export class ProvisionUser {
  constructor(
    private readonly db: ProjectDb,
    private readonly sizes: DirectorySizes,
    private readonly hooks: AskHooks,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /** Throws `uniqueness` when the name is taken, or the address by somebody whom the directory cannot vouch for; `refused_by_app`. */
  async create(call: DirectoryCall, given: Resource): Promise<DirectoryUser> {
    const { project, directory } = call
    const active = given.core['active'] !== false
    const resource: Resource = { ...given, core: { ...given.core, active } }
    const now = this.clock.now()
    const provision = (approval: SignUpApproval | null) => this.db.transaction(project.scope, async (tx) => {
      const known = await findDirectoryUserByName(tx, directory.id, String(resource.core['userName']))
      if (known && known.deletedAt === null) throw taken('userName')
      await this.sizes.admitUser(tx, directory.id)
      const user = known
        ? await this.#takeBack(tx, call, known, { resource, active, now })
        : await this.#admit(tx, call, { resource, active, now }, approval)
      const stays = await followDirectoryRoles(tx, directory, { userIds: [user.id], now })
      const event = { id: this.entropy.uuid(), method: 'POST', resource: 'User' as const, resourceId: user.id, status: 201 }
      await noteDone(tx, call, { ...event, detail: stays && STAYS_ADMIN, now })
      return user
    })
    return this.hooks.approved(project, call.caller, provision)
  }

  /** `change` makes of what the directory said last what it says now. Throws 404, 412, `uniqueness`. */
  async change(
    call: DirectoryCall,
    id: string,
    { method, ifMatch, change }: { method: 'PUT' | 'PATCH'; ifMatch: string | null; change: (before: Resource) => Resource },
  ): Promise<DirectoryUser> {
    const { project, directory } = call
    const now = this.clock.now()
    return this.db.transaction(project.scope, async (tx) => {
      // The account first, as everywhere else: a sign-in that runs meanwhile holds it too.
      const account = isUuid(id) ? await lockAnyEndUser(tx, id) : null
      const before = account && (await lockDirectoryUser(tx, directory.id, id))
      if (!account || !before) throw nobody()
      checkPrecondition(ifMatch, before.version)
      const resource = change(before.resource)
      const said = resource.core['active']
      const active = typeof said === 'boolean' ? said : before.active
      const disabledAt = await manageAccount(tx, call, { account, before, after: { resource, active }, now })
      const next = { ...before, resource, active, disabledAt, updatedAt: now }
      const user = saysTheSame(before, next)
        ? before
        : await saveDirectoryUser(tx, next).catch((error: unknown) => refuseTaken(error, 'userName'))
      await noteDone(tx, call, { id: this.entropy.uuid(), method, resource: 'User', resourceId: id, status: 200, now })
      return user
    })
  }

  async #admit(tx: ProjectTx, call: DirectoryCall, said: Said, approval: SignUpApproval | null): Promise<DirectoryUser> {
    const { resource, active, now } = said
    const address = addressOf(resource) ?? { typed: '', normalised: '' }
    const vouched = await vouchesFor(tx, call.directory, address.normalised)
    const metadata = Object.fromEntries(Object.entries(profileOf(resource)).filter(([, value]) => value !== null))
    const account = { id: this.entropy.uuid(), address, emailVerified: vouched, metadata, now }
    const made = await makeAccount(tx, call.project, account, { method: 'scim', approval })
    if (!made) return this.#join(tx, call, address.normalised, said)
    const by = byDirectory(call)
    const audit = { resource: 'end_user' as const, resourceId: made.id, metadata: { directoryId: call.directory.id } }
    await recordAudit(tx, { ...by, action: 'user.created', ...audit }, now)
    const disabledAt = active ? null : await manageAccount(tx, call, { account: made, before: null, after: said, now })
    return this.#insert(tx, call, { id: made.id, disabledAt, ...said })
  }

  /** There is an account with the address. */
  async #join(tx: ProjectTx, call: DirectoryCall, address: string, said: Said): Promise<DirectoryUser> {
    const account = await lockEndUserByEmail(tx, address)
    const managed = account && (await findDirectoryUserOfAccount(tx, account.id))
    if (!account) throw taken('The address')
    if (managed?.directoryId === call.directory.id && managed.deletedAt !== null) return this.#takeBack(tx, call, managed, said)
    if (managed && managed.deletedAt === null) throw taken('The address')
    if (!(await vouchesFor(tx, call.directory, address))) {
      const detail = 'An account with this address was there before, and the organization has not verified the domain of the address.'
      throw new ScimProblem(409, 'uniqueness', detail)
    }
    // Whoever made the account never proved the address: what they left there goes before the owner is let in.
    if (account.emailVerifiedAt === null) await evict(tx, account, said.now)
    const disabledAt = await manageAccount(tx, call, { account, before: null, after: said, now: said.now })
    if (managed) return this.#restore(tx, call, managed, { ...said, disabledAt })
    return this.#insert(tx, call, { id: account.id, disabledAt, ...said })
  }

  /** Somebody who was deleted is back: it is their account again. */
  async #takeBack(tx: ProjectTx, call: DirectoryCall, known: DirectoryUser, said: Said): Promise<DirectoryUser> {
    const account: EndUser | null = await lockAnyEndUser(tx, known.id)
    if (!account) throw nobody()
    const disabledAt = await manageAccount(tx, call, { account, before: known, after: said, now: said.now })
    return this.#restore(tx, call, known, { ...said, disabledAt })
  }

  #restore(tx: ProjectTx, call: DirectoryCall, known: DirectoryUser, said: Said & { disabledAt: Date | null }): Promise<DirectoryUser> {
    const { resource, active, disabledAt, now } = said
    const user = { ...known, directoryId: call.directory.id, resource, active, disabledAt, updatedAt: now }
    return saveDirectoryUser(tx, user).catch((error: unknown) => refuseTaken(error, 'userName'))
  }

  async #insert(tx: ProjectTx, call: DirectoryCall, said: Said & { id: string; disabledAt: Date | null }): Promise<DirectoryUser> {
    const { id, resource, active, disabledAt, now } = said
    const dates = { createdAt: now, updatedAt: now, deletedAt: null }
    const user = { id, directoryId: call.directory.id, resource, active, disabledAt, version: 1, ...dates }
    if (!(await insertDirectoryUser(tx, user))) throw taken('userName')
    return user
  }
}

/** What was so already is no change: neither the version nor the time of it moves (RFC 7644, 3.5.2.1). */
function saysTheSame(before: DirectoryUser, next: DirectoryUser): boolean {
  const same = before.active === next.active && before.disabledAt?.getTime() === next.disabledAt?.getTime()
  return same && isDeepStrictEqual(before.resource, next.resource)
}

interface Said {
  resource: Resource
  active: boolean
  now: Date
}
