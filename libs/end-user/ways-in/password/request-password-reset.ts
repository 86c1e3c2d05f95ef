import { enqueueMail } from '@portico/database/outbox'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { Locale } from '@portico/kernel/locales'
import type { EndUserLimits } from '../../end-user-limits.js'
import { checkRedirectTarget } from '../../project/redirect-target.js'
import { requireEmailProvider } from '../../project/require-provider.js'
import { readEmail } from '../../read-email.js'

export interface MailRequestInput {
  email: string
  redirectTo?: string | undefined
  askedIn?: Locale | undefined
}

/** Asks for a reset mail. The address is not looked up here: the worker does that, so known and unknown ones are the same work. */
export class RequestPasswordReset {
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
    // A second mail within the minute is left out without a word: the first one is on its way.
    if (!(await this.limits.admitReset(project, address))) return id
    await enqueueMail(
      this.db,
      project.scope,
      id,
      { kind: 'password_reset', payload: { address, ...saidWith(input) } },
      this.clock.now(),
    )
    return id
  }
}

/** What a mail that was asked for keeps of the request, besides the address. */
export const saidWith = ({ redirectTo, askedIn }: MailRequestInput) => ({
  ...(redirectTo !== undefined && { redirectTo }),
  ...(askedIn && { askedIn }),
})
