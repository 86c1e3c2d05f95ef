import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { HookName } from '@portico/kernel/hooks'
import type { Caller } from '../../caller.js'
import type { EndUser } from '../../records/end-user.js'
import { findEndUser } from '../../records/end-user-search.store.js'
import { findSessionClaims, saveSessionClaims } from '../../records/hook.store.js'
import { endSession } from '../../records/session.store.js'
import type { CallHook } from './call-hook.js'
import type { HookDecision } from './hook-answer.js'
import { claimsQuestion, deviceQuestion, passwordQuestion, signInQuestion, signUpQuestion, type PasswordReason,
  type Question } from './hook-question.js'
import { MustAskFirst, type SignUpApproval, type SignUpSubject } from './sign-up-approval.js'

const RETRY_SECONDS = 5
const NOTHING: HookDecision = { allow: true, message: null, claims: {}, appMetadata: null }

/** What a project's app is asked before something happens. A project that asks nobody pays one look at its record. */
export class AskHooks {
  constructor(
    private readonly db: ProjectDb,
    private readonly call: CallHook,
    private readonly clock: Clock,
  ) {}

  /** Throws `refused_by_app`, or `unavailable` when there is no answer and none means no. `null`: nobody is asked. */
  async beforeSignUp(project: ProjectRecord, subject: SignUpSubject, caller: Caller): Promise<SignUpApproval | null> {
    if (!project.hooks?.before_sign_up) return null
    const { appMetadata } = await this.#ask(project, 'before_sign_up', signUpQuestion(subject, caller))
    return { email: subject.email, appMetadata }
  }

  /**
   * Runs `work`, a transaction that may find out that it would make an account. Then it has rolled back, the app is asked outside of any
   * transaction, and it runs again: nothing is held while somebody waits.
   */
  async approved<T>(project: ProjectRecord, caller: Caller, work: (approval: SignUpApproval | null) => Promise<T>): Promise<T> {
    try {
      return await work(null)
    } catch (error) {
      if (!(error instanceof MustAskFirst)) throw error
      return work(await this.beforeSignUp(project, error.subject, caller))
    }
  }

  /** `user`: whom the proof was for; an address for somebody who is just signing up. */
  async beforeSignIn(project: ProjectRecord, who: { userId: string } | { email: string }, amr: readonly string[], caller: Caller) {
    if (!project.hooks?.before_sign_in) return
    const user = 'userId' in who ? await this.#userOf(project, who.userId) : null
    const email = user?.email ?? ('email' in who ? who.email : null)
    await this.#ask(project, 'before_sign_in', signInQuestion(email, user, amr, caller))
  }

  async beforePasswordChange(
    project: ProjectRecord,
    change: { userId: string; reason: PasswordReason },
    caller: Caller,
  ): Promise<void> {
    if (!project.hooks?.before_password_change) return
    const user = await this.#userOf(project, change.userId)
    await this.#ask(project, 'before_password_change', passwordQuestion(change.reason, user, caller))
  }

  /** The app's claims in the tokens of a session: asked when it begins, kept with it, read again later. `undefined`: there are none. */
  async claimsOf(
    project: ProjectRecord,
    session: { sessionId: string; user: EndUser; amr: readonly string[]; generation: number | null },
  ): Promise<Record<string, unknown> | undefined> {
    if (!project.hooks?.token_claims) return undefined
    const { sessionId, user, amr } = session
    const claims = session.generation === 0 ? await this.#firstClaims(project, sessionId, user, amr) : null
    const kept = claims ?? (await findSessionClaims(this.db, project.scope, sessionId)) ?? {}
    return Object.keys(kept).length === 0 ? undefined : kept
  }

  /** Of a session that has just begun: a no ends it before anybody holds its tokens. */
  async onNewDevice(
    project: ProjectRecord,
    { sessionId, user, amr }: { sessionId: string; user: EndUser; amr: readonly string[] },
    caller: Caller,
  ): Promise<void> {
    if (!project.hooks?.on_new_device) return
    const question = deviceQuestion(sessionId, user, amr, caller)
    await this.#endUnless(project, { sessionId, userId: user.id }, () => this.#ask(project, 'on_new_device', question))
  }

  async #firstClaims(project: ProjectRecord, sessionId: string, user: EndUser, amr: readonly string[]) {
    return this.#endUnless(project, { sessionId, userId: user.id }, async () => {
      const { claims } = await this.#ask(project, 'token_claims', claimsQuestion(sessionId, user, amr))
      await saveSessionClaims(this.db, project.scope, sessionId, claims)
      return claims
    })
  }

  /** No token has been handed out yet, so nobody holds a session that ends here. */
  async #endUnless<T>(project: ProjectRecord, of: { sessionId: string; userId: string }, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask()
    } catch (error) {
      const now = this.clock.now()
      await this.db.transaction(project.scope, (tx) => endSession(tx, { ...of, reason: 'refused_by_app', now }))
      throw error
    }
  }

  async #ask(project: ProjectRecord, name: HookName, data: Question): Promise<HookDecision> {
    const hook = project.hooks?.[name]
    if (!hook) return NOTHING
    const outcome = await this.call.execute(project.scope, name, hook, data)
    if (outcome.kind === 'failed') {
      if (hook.onFailure === 'allow') return NOTHING
      const message = 'The app does not answer at the moment. Try again shortly.'
      throw new AuthError('unavailable', { message, retryAfterSeconds: RETRY_SECONDS, cause: new Error(`hook ${name}: ${outcome.reason}`) })
    }
    const { decision } = outcome
    if (!decision.allow) throw new AuthError('refused_by_app', decision.message === null ? {} : { message: decision.message })
    return decision
  }

  #userOf(project: ProjectRecord, userId: string): Promise<EndUser | null> {
    return this.db.transaction(project.scope, (tx) => findEndUser(tx, userId))
  }
}
