import type { ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { EndUser } from '../../records/end-user.js'
import { mergeAppMetadata } from '../../records/hook.store.js'
import { MAX_APP_METADATA_BYTES } from './hook-answer.js'

/** Who wants an account. */
export interface SignUpSubject {
  /** Normalised. */
  email: string
  method: string
  metadata: Record<string, unknown>
}

/** The app was asked about this address and let it in. */
export interface SignUpApproval {
  email: string
  appMetadata: Record<string, unknown> | null
}

/** A transaction found out that it would make an account which the app has not been asked about. It rolls back; see `AskHooks.approved`. */
export class MustAskFirst extends Error {
  constructor(readonly subject: SignUpSubject) {
    super('The app has to be asked first.')
  }
}

/** Before an account is made within a transaction. A project that asks nobody passes. */
export function requireApproval(project: ProjectRecord, approval: SignUpApproval | null, subject: SignUpSubject): void {
  if (project.hooks?.before_sign_up && approval?.email !== subject.email) throw new MustAskFirst(subject)
}

/** After it is made: what the app said of the person. */
export async function applyApproval(tx: Pick<ProjectTx, 'query'>, approval: SignUpApproval | null, user: EndUser): Promise<EndUser> {
  if (!approval?.appMetadata) return user
  const appMetadata = await mergeAppMetadata(tx, user.id, approval.appMetadata, MAX_APP_METADATA_BYTES)
  return appMetadata === null ? user : { ...user, appMetadata }
}
