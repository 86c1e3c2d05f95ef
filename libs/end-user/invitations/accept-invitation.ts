import type { PasswordHasher } from '@portico/crypto/password-hasher'
import { digestToken } from '@portico/crypto/token-digest'
import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { byUser, type Caller } from '../caller.js'
import { lockEndUser } from '../records/end-user-search.store.js'
import { setPasswordByReset } from '../records/end-user.store.js'
import { proveAddress, SHOWS_NOTHING } from '../steps/prove-address.js'
import { findOneTimeTokenOwner } from '../records/one-time-token.store.js'
import { consumeOneTimeToken } from '../records/one-time-token.store.js'
import type { CheckNewPassword } from '../steps/check-new-password.js'
import type { AskHooks } from '../steps/hooks/ask-hooks.js'
import { joinOrganization } from '../steps/join-organization.js'
import type { RefusedSignIns } from '../steps/refused-sign-ins.js'
import { StartProvenSession } from '../steps/start-proven-session.js'
import { requireOwnAccount } from '../steps/require-own-account.js'
import type { WorkForOrganization } from '../steps/work-for-organization.js'
import { requireEmailProvider } from '../project/require-provider.js'

/** The invited person sets a first password and is signed in. Whoever was invited to an organization works for it at once. */
export class AcceptInvitation {
  constructor(
    private readonly db: ProjectDb,
    private readonly hasher: PasswordHasher,
    private readonly start: StartProvenSession,
    private readonly workFor: WorkForOrganization,
    private readonly hooks: AskHooks,
    private readonly refusals: RefusedSignIns,
    private readonly checkNewPassword: CheckNewPassword,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  async execute(project: ProjectRecord, input: { token: string; password: string }, caller: Caller) {
    const { userId, organizationId } = await this.setPassword(project, input, caller)
    const started = await this.refusals.watch(project, { method: 'invitation', userId }, caller, () =>
      this.start.execute(project, { userId, amr: ['pwd'], method: 'invitation' }, caller),
    )
    return organizationId === null ? started : this.workFor.execute(project, started, organizationId)
  }

  /** Without a session, for our own page. */
  async setPassword(
    project: ProjectRecord,
    input: { token: string; password: string },
    caller: Caller,
  ): Promise<{ userId: string; organizationId: string | null }> {
    requireEmailProvider(project)
    const digest = digestToken(input.token)
    // Looked at before the hash: a refused password does not spend the token, a made-up token costs no hash.
    const owner = await this.refusals.watch(project, { method: 'invitation' }, caller, async () => {
      const found = await findOneTimeTokenOwner(this.db, project.scope, { digest, purpose: 'invitation', now: this.clock.now() })
      if (!found) throw new AuthError('invalid_or_expired_token')
      return found
    })
    await this.checkNewPassword.execute(project, input.password, owner.email)
    await this.hooks.beforePasswordChange(project, { userId: owner.endUserId, reason: 'invitation' }, caller)
    const newHash = await this.hasher.hash(input.password, { projectId: project.scope.projectId, signal: caller.signal })
    const now = this.clock.now()
    return this.db.transaction(project.scope, async (tx) => {
      const spent = await consumeOneTimeToken(tx, { digest, purpose: 'invitation', now })
      const user = spent && (await lockEndUser(tx, spent.endUserId))
      if (!user || user.email !== spent.payload['email']) throw new AuthError('invalid_or_expired_token')
      await requireOwnAccount(tx, user.id)
      await proveAddress(tx, user, { method: 'invitation', shows: SHOWS_NOTHING, setsPassword: true, now, caller, entropy: this.entropy })
      await setPasswordByReset(tx, { userId: user.id, newHash, now })
      const invitationId = spent.payload['organizationInvitationId']
      const joined = typeof invitationId === 'string' ? await joinOrganization(tx, user, invitationId, { caller, now }) : null
      const audit = byUser(user.id, caller)
      await recordAudit(tx, { action: 'user.invitation_accepted', ...audit }, now)
      return { userId: user.id, organizationId: joined?.organizationId ?? null }
    })
  }
}
