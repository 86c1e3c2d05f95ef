import { enqueueMail } from '@portico/database/outbox'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { EndUserLimits } from '../end-user-limits.js'
import { saidWith, type MailRequestInput } from '../ways-in/password/request-password-reset.js'
import { checkRedirectTarget } from '../project/redirect-target.js'
import { requireEmailProvider } from '../project/require-provider.js'
import { readEmail } from '../read-email.js'

/** Asks for another confirmation mail. Like a reset request it looks nothing up and says nothing. */
export class ResendConfirmation {
  constructor(
    private readonly db: ProjectDb,
    private readonly limits: EndUserLimits,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /** Answers the id of the request, which stays with whoever asked. */
  async execute(project: ProjectRecord, input: MailRequestInput): Promise<string> {
    const id = this.entropy.uuid()
    requireEmailProvider(project)
    const { normalised: address } = readEmail(input.email)
    checkRedirectTarget(project, input.redirectTo)
    if (!(await this.limits.mayMail(project, 'email_confirm', address))) return id
    await enqueueMail(
      this.db,
      project.scope,
      id,
      { kind: 'email_confirm_resend', payload: { address, ...saidWith(input) } },
      this.clock.now(),
    )
    return id
  }
}
