import { hmacSha256 } from '@portico/crypto/hmac'
import {
  isAskedFor,
  isEssential,
  mailbox,
  type BudgetedMail,
  type MailBudget,
  type MailBudgetProject,
  type MailRefusal,
} from '@portico/end-user/steps/mail/mail-budget'
import { DAY_SECONDS, HOUR_SECONDS } from '@portico/kernel/duration'
import type { Limit, LimitUse, RateLimits } from '@portico/rate-limit/rate-limiter'

/** The part of a recipient's day that mails which anybody can ask for may use up. */
const ASKED_FOR_SHARE = 0.8
const ESSENTIAL: Limit = { name: 'mail_essential', points: 1, windowSeconds: HOUR_SECONDS }
/** Enough for a project to show that its addresses are good now. */
const FEWEST_HELD = 10
/** Not a project: one mailbox is one mailbox whichever project writes to it. */
const PLATFORM = 'platform'

/**
 * What a project and a recipient get in a day, counted in the shared store. Addresses are counted by a keyed digest: the store cannot be
 * searched for one.
 */
export class CountedMailBudget implements MailBudget {
  readonly #recipient: Limit
  readonly #askedFor: Limit

  constructor(
    private readonly limits: RateLimits,
    perRecipientAndDay: number,
    private readonly addressKey: Buffer,
    /** What share of its budget a project may use through the sender that all share. */
    private readonly shareOf: (scope: MailBudgetProject['scope']) => Promise<number>,
  ) {
    this.#recipient = { name: 'mail_recipient', points: perRecipientAndDay, windowSeconds: DAY_SECONDS }
    this.#askedFor = {
      name: 'mail_recipient_asked',
      points: Math.max(1, Math.floor(perRecipientAndDay * ASKED_FOR_SHARE)),
      windowSeconds: DAY_SECONDS,
    }
  }

  admit(project: MailBudgetProject, mails: readonly BudgetedMail[]): Promise<(MailRefusal | null)[]> {
    // All at once, each on its own: the store takes them together, and of a round that is one too many only one is refused.
    return Promise.all(mails.map((mail) => this.#admit(project, mail)))
  }

  async #admit({ scope, settings, ownSender }: MailBudgetProject, mail: BudgetedMail): Promise<MailRefusal | null> {
    const { points, window_seconds: windowSeconds } = settings.limits.mail_project
    const who = hmacSha256(this.addressKey, mailbox(mail.to)).toString('base64url')
    const essential = isEssential(mail)
    // A sign-in mail was counted for the project when it was asked for, where the app could still be told.
    const ofProject: LimitUse[] =
      mail.kind === 'sign_in' ? [] : [{ limit: { name: 'mail_project', points, windowSeconds }, subject: 'all' }]
    const ofRecipient: LimitUse[] = [
      { limit: this.#recipient, subject: who },
      ...(isAskedFor(mail.kind) ? [{ limit: this.#askedFor, subject: who }] : []),
    ]
    const share = ownSender ? 1 : await this.shareOf(scope)
    const held = { name: 'mail_project_bounces', points: Math.max(FEWEST_HELD, Math.floor(points * share)), windowSeconds }
    const ofBounces: LimitUse[] = share < 1 ? [{ limit: held, subject: 'all' }] : []
    const ofEssential: LimitUse[] = essential ? [{ limit: ESSENTIAL, subject: `${mail.kind} ${who}` }] : []
    const [inProject, onPlatform] = await Promise.all([
      this.limits.consumeAll(scope.projectId, [...ofProject, ...ofBounces, ...ofEssential]),
      this.limits.consumeAll(PLATFORM, ofRecipient),
    ])
    if (essential && inProject.at(-1)?.allowed) return null
    if (onPlatform.some(({ allowed }) => !allowed)) return 'recipient_mail_limit'
    if (ofProject.length > 0 && !inProject[0]?.allowed) return 'project_mail_limit'
    return ofBounces.length > 0 && !inProject[ofProject.length]?.allowed ? 'bounce_rate_limit' : null
  }
}
