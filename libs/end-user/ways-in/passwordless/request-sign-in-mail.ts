import { enqueueMail } from '@portico/database/outbox'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { isAppUrl } from '@portico/kernel/app-url'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { Locale } from '@portico/kernel/locales'
import { maySignUp } from '../../abuse/sign-up-rules.js'
import type { EndUserLimits } from '../../end-user-limits.js'
import type { AuthUrls } from '../../project/auth-urls.js'
import { readEmail } from '../../read-email.js'
import { checkLeadsTo } from '../../steps/own-return-page.js'
import { magicLinkTarget } from '../../steps/mail/mail-link.js'
import { checkCodeChallenge } from '../../steps/proof-key.js'

export interface SignInMailInput {
  email: string
  redirectTo?: string | undefined
  createUser?: boolean | undefined
  codeChallenge?: string | undefined
  codeChallengeMethod?: string | undefined
  askedIn?: Locale | undefined
}

/**
 * Asks for a mail with a link, a code, or both when the project has both on. Looks nothing up: known and unknown addresses are the same
 * work.
 */
export class RequestSignInMail {
  constructor(
    private readonly db: ProjectDb,
    private readonly urls: AuthUrls,
    private readonly limits: EndUserLimits,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /** Answers the id of the request, which stays with whoever asked. */
  async execute(project: ProjectRecord, wanted: 'magic_link' | 'email_otp', input: SignInMailInput): Promise<string> {
    const id = this.entropy.uuid()
    const { providers } = project.settings
    if (!providers.includes(wanted)) throw new AuthError('provider_not_enabled')
    const address = readEmail(input.email)
    await checkLeadsTo(this.db, this.urls, project, input.redirectTo)
    // Refused while the app can still be told; the person who follows such a link could only be sent away.
    const target = wanted === 'magic_link' ? (input.redirectTo ?? magicLinkTarget(project.settings)) : null
    if (wanted === 'magic_link' && target === null) {
      throw invalidField('redirectTo', 'required', 'The project has no site_url: say where the link leads, to one of its redirect URLs.')
    }
    // Any app of a device may have claimed the scheme: it gets a code that is of no use without the verifier (RFC 8252, 8.1).
    if (target !== null && isAppUrl(target) && input.codeChallenge === undefined) {
      throw invalidField('codeChallenge', 'required', 'A sign-in that leads into an app by its own scheme needs a proof key.')
    }
    if (input.codeChallenge !== undefined) checkCodeChallenge(input.codeChallenge, input.codeChallengeMethod)
    // A second mail within the minute is left out without a word: the first one is on its way.
    if (!(await this.limits.admitSignInMail(project, address.normalised))) return id
    const entry = {
      kind: 'sign_in' as const,
      payload: {
        address: address.normalised,
        addressTyped: address.typed,
        // Who asked for a code types it where they asked; a link beside it would only be one more thing to steal.
        link: wanted === 'magic_link',
        code: providers.includes('email_otp'),
        createUser: input.createUser !== false && maySignUp(project, address.normalised),
        ...(input.redirectTo === undefined ? {} : { redirectTo: input.redirectTo }),
        ...(input.codeChallenge === undefined ? {} : { codeChallenge: input.codeChallenge }),
        ...(input.askedIn && { askedIn: input.askedIn }),
      },
    }
    await enqueueMail(this.db, project.scope, id, entry, this.clock.now())
    return id
  }
}
