import { deriveToken, digestToken } from '@portico/crypto/token-digest'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { appendToUrl } from '@portico/kernel/append-to-url'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds } from '@portico/kernel/duration'
import type { Entropy } from '@portico/kernel/entropy'
import type { Caller } from '../../caller.js'
import type { AuthUrls } from '../../project/auth-urls.js'
import type { EndUser } from '../../records/end-user.js'
import { consumeChallengeByLink, findChallengeByLink, type EmailChallenge } from '../../records/email-challenge.store.js'
import { EXCHANGE_CODE_TTL_SECONDS, insertExchangeCode } from '../../records/exchange-code.store.js'
import { findPressedLink, type PressedLink } from '../../records/email-challenge.store.js'
import { isOwnReturnPage } from '../../steps/own-return-page.js'
import { magicLinkTarget } from '../../steps/mail/mail-link.js'
import { provesKey } from '../../steps/proof-key.js'
import type { AskHooks } from '../../steps/hooks/ask-hooks.js'
import type { SignUpApproval } from '../../steps/hooks/sign-up-approval.js'
import type { RefusedSignIns } from '../../steps/refused-sign-ins.js'
import { signInAddress } from '../../steps/sign-in-address.js'
import type { StartProvenSession } from '../../steps/start-proven-session.js'
import type { RedeemExchangeCode } from './redeem-exchange-code.js'

/** Not a value of RFC 8176, which has none for possession of a mailbox. */
const MAGIC_LINK_AMR = ['email']

/** Spends a mailed sign-in link. */
export class ConfirmMagicLink {
  constructor(
    private readonly db: ProjectDb,
    private readonly urls: AuthUrls,
    private readonly start: StartProvenSession,
    private readonly hooks: AskHooks,
    private readonly redeem: RedeemExchangeCode,
    private readonly refusals: RefusedSignIns,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
    private readonly codeKey: Buffer,
  ) {}

  /**
   * From the app itself: the token for a session. `codeVerifier`: the link may have been pressed on our page a moment ago; a caller that
   * shows the verifier that it was asked for with redeems the code that the page handed out.
   */
  execute(project: ProjectRecord, input: { token: string; codeVerifier?: string | undefined }, caller: Caller) {
    requireMagicLink(project)
    return this.refusals.watch(project, { method: 'magic_link' }, caller, async () => {
      const { token, codeVerifier } = input
      try {
        const user = await this.hooks.approved(project, caller, (approval) =>
          this.db.transaction(project.scope, async (tx) => (await this.#spend(tx, project, token, approval, caller)).user),
        )
        return await this.start.execute(project, { userId: user.id, amr: MAGIC_LINK_AMR }, caller)
      } catch (error) {
        if (!isSpent(error) || codeVerifier === undefined) throw error
        const { code } = (await this.#again(project, token, (pressed) => provesKey(codeVerifier, pressed.codeChallenge))) ?? refuse()
        return this.redeem.execute(project, { code, codeVerifier }, caller)
      }
    })
  }

  /**
   * From our own page: back to the app with a code that only the app can redeem. `null`: the app asked for the mail without a proof key.
   * `browserSecret`: what this browser is known by. The one that pressed first gets the same answer when it presses again.
   */
  redirect(
    project: ProjectRecord,
    { token, browserSecret }: { token: string; browserSecret: string },
    caller: Caller,
  ): Promise<string | null> {
    requireMagicLink(project)
    return this.refusals.watch(project, { method: 'magic_link' }, caller, async () => {
      try {
        return await this.#redirect(project, token, browserSecret, caller)
      } catch (error) {
        if (!isSpent(error)) throw error
        const again = await this.#again(project, token, ({ browser }) => browser === browserDigest(browserSecret))
        return again?.url ?? refuse()
      }
    })
  }

  async #redirect(project: ProjectRecord, token: string, browserSecret: string, caller: Caller): Promise<string | null> {
    const found = await findChallengeByLink(this.db, project.scope, digestToken(token), this.clock.now())
    if (!found) throw new AuthError('invalid_or_expired_token')
    const target = await this.#targetOf(project, found.redirectTo)
    if (found.codeChallenge === null || target === null) return null
    const { codeChallenge } = found
    const code = this.#codeOf(project, token)
    const admit = (approval: SignUpApproval | null) => this.db.transaction(project.scope, async (tx) => {
      const { user } = await this.#spend(tx, project, token, approval, caller)
      const now = this.clock.now()
      const expiresAt = addSeconds(now, EXCHANGE_CODE_TTL_SECONDS)
      const payload = { browser: browserDigest(browserSecret) }
      await insertExchangeCode(tx, {
        digest: digestToken(code),
        endUserId: user.id,
        purpose: 'sign_in',
        amr: MAGIC_LINK_AMR,
        payload,
        codeChallenge,
        now,
        expiresAt,
      })
    })
    await this.hooks.approved(project, caller, admit)
    return appendToUrl(target, { code })
  }

  /** The code that this link made on our page a moment ago, for the client that pressed; null for any other. */
  async #again(
    project: ProjectRecord,
    token: string,
    isSame: (pressed: PressedLink) => boolean,
  ): Promise<{ code: string; url: string | null } | null> {
    const code = this.#codeOf(project, token)
    const found = { linkDigest: digestToken(token), codeDigest: digestToken(code), now: this.clock.now() }
    const pressed = await this.db.transaction(project.scope, (tx) => findPressedLink(tx, found))
    if (!pressed || !isSame(pressed)) return null
    const target = await this.#targetOf(project, pressed.redirectTo)
    return { code, url: target === null ? null : appendToUrl(target, { code }) }
  }

  /** Our own sign-in page, where the mail was asked for there; else the app's. */
  async #targetOf(project: ProjectRecord, redirectTo: string | null): Promise<string | null> {
    if (redirectTo !== null && (await isOwnReturnPage(this.db, this.urls, project, redirectTo))) return redirectTo
    return magicLinkTarget(project.settings, redirectTo)
  }

  /** Derived, so that a second press finds it again: what is stored of a code is its digest. */
  #codeOf(project: ProjectRecord, token: string): string {
    return deriveToken(this.codeKey, [project.scope.projectId, token, 'exchange_code'])
  }

  async #spend(
    tx: ProjectTx,
    project: ProjectRecord,
    token: string,
    approval: SignUpApproval | null,
    caller: Caller,
  ): Promise<{ user: EndUser; challenge: EmailChallenge }> {
    const now = this.clock.now()
    const challenge = await consumeChallengeByLink(tx, digestToken(token), now)
    if (!challenge) throw new AuthError('invalid_or_expired_token')
    const address = { normalised: challenge.address, typed: challenge.addressTyped }
    const user = await signInAddress(tx, project, {
      address,
      createUser: challenge.createUser,
      method: 'magic_link',
      approval,
      now,
      caller,
      entropy: this.entropy,
    })
    return { user, challenge }
  }
}

function requireMagicLink(project: ProjectRecord): void {
  if (!project.settings.providers.includes('magic_link')) throw new AuthError('provider_not_enabled')
}

const browserDigest = (secret: string) => digestToken(secret).toString('base64url')

function isSpent(error: unknown): boolean {
  return error instanceof AuthError && error.code === 'invalid_or_expired_token'
}

function refuse(): never {
  throw new AuthError('invalid_or_expired_token')
}
