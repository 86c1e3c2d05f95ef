import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Administrator } from './administrator.js'
import type { ChangeEndUser } from './change-end-user.js'
import type { EndEndUserSessions } from './end-end-user-sessions.js'
import type { EvictEndUser } from './evict-end-user.js'
import type { RemoveEndUser } from './remove-end-user.js'
import type { RequestRecovery } from './request-recovery.js'

export const BULK_ACTIONS = ['disable', 'enable', 'delete', 'end_sessions', 'send_recovery', 'evict'] as const
export type BulkAction = (typeof BULK_ACTIONS)[number]

/** What became of one; an error says that nothing was done to this one. */
export interface ActedOn {
  id: string
  error: AuthError | null
}

/**
 * One action on many people: each in a transaction of its own, with its own audit row, in the order asked for; one that fails stops none.
 */
export class ActOnEndUsers {
  constructor(
    private readonly use: {
      change: ChangeEndUser
      remove: RemoveEndUser
      endSessions: EndEndUserSessions
      recover: RequestRecovery
      evict: EvictEndUser
    },
    private readonly onFault: (error: unknown) => void,
  ) {}

  async execute(project: ProjectRecord, by: Administrator, action: BulkAction, ids: readonly string[]): Promise<ActedOn[]> {
    const done: ActedOn[] = []
    for (const id of new Set(ids)) {
      try {
        await this.#act(project, by, action, id)
        done.push({ id, error: null })
      } catch (error) {
        if (!(error instanceof AuthError)) this.onFault(error)
        done.push({ id, error: error instanceof AuthError ? error : new AuthError('internal_error', { cause: error }) })
      }
    }
    return done
  }

  #act(project: ProjectRecord, by: Administrator, action: BulkAction, id: string): Promise<unknown> {
    switch (action) {
      case 'disable':
        return this.use.change.execute(project, by, id, { disabled: true })
      case 'enable':
        return this.use.change.execute(project, by, id, { disabled: false })
      case 'delete':
        return this.use.remove.execute(project, by, id)
      case 'end_sessions':
        return this.use.endSessions.execute(project, by, id, null)
      case 'send_recovery':
        return this.use.recover.execute(project, by, id)
      case 'evict':
        return this.use.evict.execute(project, by, id, { recovery: true })
    }
  }
}
