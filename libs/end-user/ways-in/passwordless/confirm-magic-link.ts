import { digestToken } from '@portico/crypto/token-digest'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { appendToUrl } from '@portico/kernel/append-to-url'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds } from '@portico/kernel/duration'
import { opaqueToken, type Entropy } from '@portico/kernel/entropy'
import type { Caller } from '../../caller.js'
import type { EndUser } from '../../records/end-user.js'
import { consumeChallengeByLink, findChallengeByLink, type EmailChallenge } from '../../records/email-challenge.store.js'
import { EXCHANGE_CODE_TTL_SECONDS, insertExchangeCode } from '../../records/exchange-code.store.js'
import { magicLinkTarget } from '../../steps/mail/mail-link.js'
import type { RefusedSignIns } from '../../steps/refused-sign-ins.js'
import { signInAddress } from '../../steps/sign-in-address.js'
import type { StartProvenSession } from '../../steps/start-proven-session.js'

/** Not a value of RFC 8176, which has none for possession of a mailbox. */
export const MAGIC_LINK_AMR = ['email']

/** Spends a mailed sign-in link. */
export class ConfirmMagicLink {
  constructor(
    private readonly db: ProjectDb,
    private readonly start: StartProvenSession,
    private readonly refusals: RefusedSignIns,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /** From the app itself: the token for a session. */
  execute(project: ProjectRecord, token: string, caller: Caller) {
    requireMagicLink(project)
    return this.refusals.watch(project, { method: 'magic_link' }, caller, async () => {
      const user = await this.db.transaction(project.scope, async (tx) => (await this.#spend(tx, project, token, caller)).user)
      return this.start.execute(project, { userId: user.id, amr: MAGIC_LINK_AMR }, caller)
    })
  }

  /** From our own page: back to the app with a code that only the app can redeem. `null`: the app asked for the mail without a proof key. */
  redirect(project: ProjectRecord, token: string, caller: Caller): Promise<string | null> {
    requireMagicLink(project)
    return this.refusals.watch(project, { method: 'magic_link' }, caller, () => this.#redirect(project, token, caller))
  }

  async #redirect(project: ProjectRecord, token: string, caller: Caller): Promise<string | null> {
    const found = await findChallengeByLink(this.db, project.scope, digestToken(token), this.clock.now())
    if (!found) throw new AuthError('invalid_or_expired_token')
    const target = magicLinkTarget(project.settings, found.redirectTo)
    if (found.codeChallenge === null || target === null) return null
    const codeChallenge = found.codeChallenge
    const code = opaqueToken(this.entropy)
    await this.db.transaction(project.scope, async (tx) => {
      const { user } = await this.#spend(tx, project, token, caller)
      const now = this.clock.now()
      const expiresAt = addSeconds(now, EXCHANGE_CODE_TTL_SECONDS)
      await insertExchangeCode(tx, { digest: digestToken(code), endUserId: user.id, purpose: 'sign_in', amr: MAGIC_LINK_AMR, codeChallenge, now, expiresAt })
    })
    return appendToUrl(target, { code })
  }

  async #spend(tx: ProjectTx, project: ProjectRecord, token: string, caller: Caller): Promise<{ user: EndUser; challenge: EmailChallenge }> {
    const now = this.clock.now()
    const challenge = await consumeChallengeByLink(tx, digestToken(token), now)
    if (!challenge) throw new AuthError('invalid_or_expired_token')
    const address = { normalised: challenge.address, typed: challenge.addressTyped }
    const user = await signInAddress(tx, project, { address, createUser: challenge.createUser, method: 'magic_link', now, caller, entropy: this.entropy })
    return { user, challenge }
  }
}

function requireMagicLink(project: ProjectRecord): void {
  if (!project.settings.providers.includes('magic_link')) throw new AuthError('provider_not_enabled')
}
