import type { PlatformDb } from '@portico/database/platform-db'
import type { ProjectSettings } from '@portico/kernel/settings/project-settings'
import type { ConsolePeople } from './console-people.js'
import { listMembersWithRole, type MemberRow } from '../records/member.store.js'
import { homeTenantId } from '../records/tenant.store.js'

/** Who owns the installation: the owners of its home tenant. */
export class Owners {
  constructor(
    private readonly db: PlatformDb,
    private readonly people: ConsolePeople,
  ) {}

  /**
   * Whether one of them could sign in at our own page; with `breakGlassAlone` one who may although an outside issuer is asked, with
   * `settings` if those were the ones.
   */
  async canSignIn({ breakGlassAlone, settings }: { breakGlassAlone: boolean; settings?: ProjectSettings }): Promise<boolean> {
    const ids = (await this.#list()).filter(({ breakGlass }) => breakGlass || !breakGlassAlone).map(({ userId }) => userId)
    return ids.length > 0 && (await this.people.whoCanSignIn(ids, settings)).size > 0
  }

  /** Whether there is one, enabled: somebody who has been invited counts, and whose account is gone does not. */
  async exist(): Promise<boolean> {
    const ids = (await this.#list()).map(({ userId }) => userId)
    if (ids.length === 0) return false
    return [...(await this.people.byIds(ids)).values()].some(({ disabled }) => !disabled)
  }

  /** Whether one was invited and has not come yet. */
  async areComing(): Promise<boolean> {
    const people = await this.people.byIds((await this.#list()).map(({ userId }) => userId))
    return [...people.values()].some(({ invited, disabled }) => invited && !disabled)
  }

  async #list(): Promise<MemberRow[]> {
    const tenantId = await homeTenantId(this.db)
    return tenantId === null ? [] : listMembersWithRole(this.db, tenantId, 'owner')
  }
}
