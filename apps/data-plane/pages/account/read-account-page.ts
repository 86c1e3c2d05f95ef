import type { AuthenticatedSession } from '@portico/end-user/steps/authenticate'
import type { FastifyReply } from 'fastify'
import type { HostedPages } from '../hosted/hosted-pages.js'
import type { Visit } from '../hosted/visit.js'
import { accountView, DONE, type AccountState } from './account.view.js'

/** As long as a login stands for the password in the use cases. */
const FRESH_MS = 9 * 60_000

export interface Shown {
  done?: string | undefined
  note?: string | null
  problem?: string | null
  status?: number
}

/** The account page as it is now. */
export class ReadAccountPage {
  constructor(private readonly pages: HostedPages) {}

  async show(
    visit: Visit, session: AuthenticatedSession, { done, note = null, problem = null, status = 200 }: Shown,
  ): Promise<FastifyReply> {
    const key = done === undefined || !Object.hasOwn(DONE, done) ? undefined : DONE[done]
    const state = { ...(await this.read(visit, session)), note: key === undefined ? note : visit.say(key), problem, status }
    // Connecting an account leads to a provider, whose address is known when its button is pressed.
    return visit.send(accountView(visit, state), { again: [] })
  }

  async read(visit: Visit, session: AuthenticatedSession): Promise<AccountState> {
    const { use } = this.pages
    const { project } = visit
    const [account, sessions, passkeys, factors, hasPassword, canMakePasskeys, own] = await Promise.all([
      use.readAccount.execute(project, session.token),
      use.listSessions.execute(project, session),
      use.listPasskeys.execute(project, session),
      use.listFactors.execute(project, session),
      use.hasPassword.execute(project, session.user.id),
      this.pages.passkeysAt(visit),
      project.settings.organizations === 'off' ? null : use.listOwnOrganizations.execute(project, session),
    ])
    const organizations = own && own.map(({ organization: { id, name } }) => ({ id, name }))
    const { recoveryCodesLeft } = factors
    const fresh = session.authTime.getTime() > this.pages.now().getTime() - FRESH_MS
    const currentSession = session.id
    return { account, sessions, passkeys, recoveryCodesLeft, organizations, currentSession, hasPassword, fresh, canMakePasskeys }
  }
}
