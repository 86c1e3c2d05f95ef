import { digestToken } from '@portico/crypto/token-digest'
import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Administrator } from '../administration/administrator.js'
import type { Caller } from '../caller.js'
import { findEndUser } from '../records/end-user-search.store.js'
import { findActiveOrganization } from '../records/organization.store.js'
import {
  findHeldSetupLink,
  findSetupLinkByToken,
  finishSetupLink,
  holdSetupLink,
  lockLiveSetupLink,
  type SetupLink,
} from '../records/setup-link.store.js'

/** Who acts by a link, as audit rows keep it: nobody that has an account, by this link. */
export function byLink({ id }: Pick<SetupLink, 'id'>, { ip, userAgent }: Caller): Administrator {
  return { actor: { type: 'anonymous', id }, ip, userAgent }
}

/** The browser of a customer's administrator and the link that it holds. */
export class HoldSetupLink {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  /** What a link is about, before it is opened: looking spends nothing, as mail scanners look too. `null`: it is no good. */
  async look(project: ProjectRecord, token: string): Promise<SetupLink | null> {
    const found = token === '' ? null : await findSetupLinkByToken(this.db, project.scope, digestToken(token), this.clock.now())
    return this.#counting(project, found)
  }

  /**
   * Opens a link for this browser and for no other. `holder`: what the browser will show from now on; made from the token, so that nobody
   * who planted a cookie beforehand knows it. Throws `invalid_or_expired_token`.
   */
  async open(project: ProjectRecord, { token, holder }: { token: string; holder: string }, caller: Caller): Promise<void> {
    const now = this.clock.now()
    if (!(await this.look(project, token))) throw new AuthError('invalid_or_expired_token')
    await this.db.transaction(project.scope, async (tx) => {
      const held = await holdSetupLink(tx, { tokenDigest: digestToken(token), holderDigest: digestToken(holder), now })
      if (!held) throw new AuthError('invalid_or_expired_token')
      if (!held.first) return
      const audit = { resource: 'setup_link' as const, resourceId: held.id }
      await recordAudit(tx, { ...byLink(held, caller), action: 'setup_link.opened', ...audit }, now)
    })
  }

  /** `null`: this browser holds none, or its link is finished, revoked or too old. */
  async held(project: ProjectRecord, holder: string | null): Promise<SetupLink | null> {
    const found = holder === null ? null : await findHeldSetupLink(this.db, project.scope, digestToken(holder), this.clock.now())
    return this.#counting(project, found)
  }

  /** One that a member made is worth what they may do now: nobody who was taken out goes on by a link that they kept. */
  async #counting(project: ProjectRecord, link: SetupLink | null): Promise<SetupLink | null> {
    if (link === null || link.madeBy === null) return link
    const { madeBy, organizationId } = link
    const still = await this.db.transaction(project.scope, async (tx) => {
      const active = await findActiveOrganization(tx, madeBy, organizationId)
      return active?.permissions.includes('sso.manage') === true && (await findEndUser(tx, madeBy))?.disabledAt === null
    })
    return still ? link : null
  }

  /** The holder is done: the link opens nothing any more. */
  async finish(project: ProjectRecord, link: SetupLink, caller: Caller): Promise<void> {
    const now = this.clock.now()
    await this.db.transaction(project.scope, async (tx) => {
      if (!(await lockLiveSetupLink(tx, link.id, now))) throw new AuthError('invalid_or_expired_token')
      await finishSetupLink(tx, link.id, now)
      const { organizationId, connectionId } = link
      const audit = { resource: 'setup_link' as const, resourceId: link.id, metadata: { organizationId, connectionId } }
      await recordAudit(tx, { ...byLink(link, caller), action: 'setup_link.finished', ...audit }, now)
    })
  }
}
