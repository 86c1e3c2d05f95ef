import type { PasswordHasher } from '@portico/crypto/password-hasher'
import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { EndUser } from '../records/end-user.js'
import { checkAppMetadata, checkMetadata, mergeMetadata } from '../steps/read-metadata.js'
import type { CheckNewPassword } from '../steps/check-new-password.js'
import { readEmail } from '../read-email.js'
import type { Administrator } from './administrator.js'
import { insertEndUser, setAppMetadata } from '../records/end-user.store.js'

export interface CreateEndUserInput {
  email: string
  password?: string | undefined
  emailVerified?: boolean | undefined
  metadata?: Record<string, unknown> | undefined
  appMetadata?: Record<string, unknown> | undefined
}

/** Also while sign-ups are closed. Without a password the user gets in by a recovery mail. */
export class CreateEndUser {
  constructor(
    private readonly db: ProjectDb,
    private readonly hasher: PasswordHasher,
    private readonly checkNewPassword: CheckNewPassword,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  async execute(project: ProjectRecord, by: Administrator, input: CreateEndUserInput): Promise<EndUser> {
    if (project.firstEnabledAt === null) throw new AuthError('auth_not_enabled')
    const address = readEmail(input.email)
    const metadata = checkMetadata(input.metadata ?? {})
    const appMetadata = checkAppMetadata(mergeMetadata({}, input.appMetadata ?? {}))
    if (input.password !== undefined) await this.checkNewPassword.execute(project, input.password, address.normalised)
    const passwordHash =
      input.password === undefined ? null : await this.hasher.hash(input.password, { projectId: project.scope.projectId })
    const now = this.clock.now()
    return this.db.transaction(project.scope, async (tx) => {
      const made = await insertEndUser(tx, {
        id: this.entropy.uuid(),
        address,
        emailVerified: input.emailVerified ?? false,
        passwordHash,
        metadata,
        now,
      })
      if (!made) throw new AuthError('email_taken')
      if (input.appMetadata) await setAppMetadata(tx, made.id, appMetadata)
      await recordAudit(tx, { ...by, action: 'user.created', resource: 'end_user', resourceId: made.id }, now)
      return { ...made, appMetadata }
    })
  }
}
