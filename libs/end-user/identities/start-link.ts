import type { SealedBox } from '@portico/crypto/sealed-box'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Reauthenticate } from '../steps/reauthenticate.js'
import type { Caller } from '../caller.js'
import { sealLinkTicket } from '../steps/link-ticket.js'
import { requireOutsideProvider } from '../steps/require-outside-provider.js'
import { checkLeadsTo } from '../steps/own-return-page.js'
import { checkCodeChallenge } from '../steps/proof-key.js'
import type { AuthUrls } from '../project/auth-urls.js'
import type { AuthenticatedSession } from '../steps/authenticate.js'

export interface StartLinkInput {
  redirectTo?: string | undefined
  codeChallenge: string
  codeChallengeMethod?: string | undefined
  state?: string | undefined
  password?: string | undefined
}

/** The signed-in user wants to add a provider: answers where to send the browser. */
export class StartLink {
  constructor(
    private readonly db: ProjectDb,
    private readonly box: SealedBox,
    private readonly urls: AuthUrls,
    private readonly reauthenticate: Reauthenticate,
    private readonly clock: Clock,
  ) {}

  async execute(
    project: ProjectRecord,
    session: AuthenticatedSession,
    provider: string,
    input: StartLinkInput,
    caller: Caller,
  ): Promise<string> {
    await requireOutsideProvider(this.db, this.box, project, provider)
    const redirectTo = input.redirectTo ?? project.settings.site_url
    if (redirectTo === null || redirectTo === undefined) throw invalidField('redirectTo', 'required', 'This field is required.')
    await checkLeadsTo(this.db, this.urls, project, redirectTo)
    checkCodeChallenge(input.codeChallenge, input.codeChallengeMethod)
    await this.reauthenticate.execute(project, session, input.password, caller)
    const wish = { userId: session.user.id, provider, redirectTo, codeChallenge: input.codeChallenge, appState: input.state ?? null }
    const url = new URL(this.urls.oauthStart(project, provider))
    url.searchParams.set('ticket', sealLinkTicket(this.box, project.scope.projectId, wish, this.clock.now()))
    return url.href
  }
}
