import type { PlatformDb } from '@portico/database/platform-db'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Caller } from '../caller.js'
import type { ConsolePeople, ConsolePerson } from '../console/console-people.js'
import { changeMember, findMember, insertMember, listMembers, listMembersWithRole, type MemberRow } from '../records/member.store.js'
import { requireAtMost, requireRole } from './may-give.js'

export interface Member {
  row: MemberRow
  /** `null`: the account is gone. */
  person: ConsolePerson | null
}

/** The team of a tenant. */
export class ManageMembers {
  constructor(
    private readonly db: PlatformDb,
    private readonly people: ConsolePeople,
    private readonly clock: Clock,
    /** What a member may do has changed. */
    private readonly onChanged: () => void,
  ) {}

  async list(caller: Caller): Promise<Member[]> {
    const rows = await listMembers(this.db, caller.tenantId)
    const people = await this.people.byIds(rows.map(({ userId }) => userId))
    return rows.map((row) => ({ row, person: people.get(row.userId) ?? null }))
  }

  /** Repeated for somebody who has not come yet: another mail. Throws `conflict` for a member. */
  async invite(caller: Caller, input: { email: string; role: string; breakGlass: boolean }): Promise<Member & { mailed: boolean }> {
    await requireRole(this.db, caller.tenantId, input.role)
    await requireAtMost(this.db, caller, input.role)
    const { person, mailed } = await this.people.invite(input.email, caller)
    const { role, breakGlass } = input
    const row = await insertMember(
      this.db,
      caller,
      { userId: person.id, role, breakGlass, source: 'team' },
      'member.invited',
      this.clock.now(),
    )
    if (row) return { row, person, mailed }
    const known = mailed ? await findMember(this.db, caller.tenantId, person.id) : null
    if (!known) throw new AuthError('conflict', { message: 'This person is a member already.' })
    return { row: known, person, mailed }
  }

  /** Throws `last_owner` where nobody would be left who owns the tenant and can sign in. */
  async change(caller: Caller, userId: string, change: { role?: string | undefined; breakGlass?: boolean | undefined }): Promise<Member> {
    if (change.role !== undefined) {
      await requireRole(this.db, caller.tenantId, change.role)
      await requireAtMost(this.db, caller, change.role)
    }
    await this.#requireAbove(caller, userId)
    const check = change.role === undefined || change.role === 'owner' ? () => undefined : await this.#ownerLeft(caller, userId)
    const wanted = {
      // From now on it is the team's word, and no longer that of an outside issuer's groups.
      ...(change.role !== undefined && { role: change.role, source: 'team' as const }),
      ...(change.breakGlass !== undefined && { breakGlass: change.breakGlass }),
    }
    const row = await changeMember(this.db, caller, userId, wanted, check, this.clock.now())
    if (!row) throw new AuthError('not_found')
    this.onChanged()
    return { row, person: (await this.people.byIds([userId])).get(userId) ?? null }
  }

  /** The sessions of the console end; the account stays, for other teams and for its owner. */
  async remove(caller: Caller, userId: string): Promise<void> {
    await this.#requireAbove(caller, userId)
    const removed = await changeMember(this.db, caller, userId, null, await this.#ownerLeft(caller, userId), this.clock.now())
    if (!removed) throw new AuthError('not_found')
    this.onChanged()
  }

  async #requireAbove(caller: Caller, userId: string): Promise<void> {
    const member = await findMember(this.db, caller.tenantId, userId)
    if (!member) throw new AuthError('not_found')
    await requireAtMost(this.db, caller, member.role)
  }

  /** Who can sign in is asked before the transaction; who is owner, within it. */
  async #ownerLeft(caller: Caller, userId: string): Promise<(member: MemberRow, owners: MemberRow[]) => void> {
    const before = await listMembersWithRole(this.db, caller.tenantId, 'owner')
    const able = await this.people.whoCanSignIn(before.map((owner) => owner.userId))
    return (member, owners) => {
      const left = owners.filter((owner) => owner.userId !== userId)
      if (member.role !== 'owner') return
      if (left.length === 0 || (able.size > 0 && !left.some((owner) => able.has(owner.userId)))) throw new AuthError('last_owner')
    }
  }
}
