import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError, type ErrorCode } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Caller } from '../caller.js'
import type { EndUserLimits } from '../end-user-limits.js'
import type { SignInAttempts, SignInMethod } from './sign-in-attempts.js'

export interface RefusedSignIn {
  method: SignInMethod
  reason: string
  /** Whose account it was about; null when there is none or it is unknown. */
  userId: string | null
  /** What the attempts of one kind have in common, besides the account: the address or the client. Counted, never stored. */
  subject: string
  /** Which address was tried, normalised; who runs the installation decides what of it is kept. */
  address?: string
  /** The provider, where there is one. */
  provider?: string
  problem?: Record<string, unknown>
}

// The request was not understood or not examined; no sign-in was refused.
const NOT_LOOKED_AT: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'validation_error',
  'rate_limited',
  'provider_not_enabled',
  'captcha_failed',
])

/**
 * Every refused sign-in is told to log, metrics and trace, and leaves a row with its method and its reason; a flood leaves a bounded number
 * (the first five of an account or an address in an hour, then the tenth, the hundredth and so on, each with the number so far). What is
 * kept of the tried address is the choice of who runs the installation.
 */
export class RefusedSignIns {
  constructor(
    private readonly db: ProjectDb,
    private readonly limits: EndUserLimits,
    private readonly clock: Clock,
    private readonly attempts: SignInAttempts,
  ) {}

  /** Runs a sign-in of which only the refusal is known, and notes it. */
  async watch<T>(
    project: ProjectRecord,
    who: { method: SignInMethod; userId?: string | null; subject?: string; address?: string },
    caller: Caller,
    work: () => Promise<T>,
  ): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof AuthError && error.status < 500 && !NOT_LOOKED_AT.has(error.code)) {
        await this.record(
          project,
          { ...who, reason: error.code, userId: who.userId ?? null, subject: who.subject ?? caller.ip ?? 'unknown' },
          caller,
        )
      }
      throw error
    }
  }

  /** For a refusal whose row is written elsewhere. */
  note(project: ProjectRecord, { method, reason, userId, address, provider }: Omit<RefusedSignIn, 'subject'>, caller: Caller): void {
    this.attempts.note({
      projectId: project.scope.projectId, method, outcome: 'refused', reason, userId, caller,
      ...(address !== undefined && { address }),
      ...(provider !== undefined && { connection: provider }),
    })
  }

  /** An identity provider vouched for the person; the app has yet to fetch the session. */
  proven(project: ProjectRecord, came: { method: SignInMethod; connection: string; userId: string }, caller: Caller): void {
    this.attempts.note({ projectId: project.scope.projectId, outcome: 'proven', ...came, caller })
  }

  async record(project: ProjectRecord, refused: RefusedSignIn, caller: Caller): Promise<void> {
    const { method, reason, userId, subject, address, provider, problem } = refused
    this.note(project, refused, caller)
    const attempts = await this.limits.worthRecording(
      project,
      userId === null ? 'sign_in_refused_unknown' : 'sign_in_refused',
      userId ?? `${method} ${subject}`,
    )
    if (attempts === null) return
    await this.db.transaction(project.scope, (tx) =>
      recordAudit(
        tx,
        {
          action: 'sign_in.refused',
          actor: { type: 'anonymous', id: null },
          ...(provider === undefined ? { resource: 'end_user', resourceId: userId } : { resource: 'provider', resourceId: provider }),
          ip: caller.ip,
          userAgent: caller.userAgent,
          metadata: {
            method, reason, attempts, ...problem,
            ...(address !== undefined && this.attempts.keptOf(project.scope.projectId, address)),
          },
        },
        this.clock.now(),
      ),
    )
  }
}
