import type { AnswerOrganizationInvitation, ListOwnInvitations } from '@portico/end-user/organizations/accept-organization-invitation'
import type { ActivateOrganization } from '@portico/end-user/organizations/activate-organization'
import type { ListOwnOrganizations } from '@portico/end-user/organizations/read-organizations'
import type { AuthenticatedSession } from '@portico/end-user/steps/authenticate'
import { isPending } from '@portico/end-user/steps/sign-in-result'
import type { IssuedSession } from '@portico/end-user/steps/token-issuer'
import type { WorkForOrganization } from '@portico/end-user/steps/work-for-organization'
import type { Visit } from './visit.js'

export interface OrganizationUseCases {
  listOwnOrganizations: ListOwnOrganizations
  listOwnInvitations: ListOwnInvitations
  activateOrganization: ActivateOrganization
  workForOrganization: WorkForOrganization
  answerOrganizationInvitation: AnswerOrganizationInvitation
}

export interface OrganizationChoice {
  organizations: readonly { id: string; name: string }[]
  invitations: readonly { id: string; organizationName: string }[]
  /** The invitation that a mail led here with is none of these. */
  gone?: boolean
  problem?: string | null
  status?: number
}

type Person = AuthenticatedSession['user']

/** After a sign-in: whom the person works for in this session, and the invitations that wait for them. */
export class ChooseOrganization {
  constructor(private readonly use: OrganizationUseCases) {}

  /** The app asked for one that the person belongs to, or the identity provider of their company sent them: nobody is asked then. */
  async isDecided({ project, flow }: Visit, issued: IssuedSession): Promise<boolean> {
    const asked = flow.organization === null ? issued : await this.use.workForOrganization.execute(project, issued, flow.organization)
    return !isPending(asked) && asked.organization !== null
  }

  /** `null`: nothing to choose. `answered`: the invitation that a mail led here with, a moment ago. */
  async offered({ project, flow }: Visit, user: Person, answered = false): Promise<OrganizationChoice | null> {
    if (project.settings.organizations === 'off') return null
    const [own, invitations] = await Promise.all([
      this.use.listOwnOrganizations.execute(project, { user }),
      this.use.listOwnInvitations.execute(project, { user }),
    ])
    const gone = flow.invitation !== null && !answered && invitations.every(({ id }) => id !== flow.invitation)
    if (own.length === 0 && invitations.length === 0 && !gone) return null
    return { organizations: own.map(({ organization: { id, name } }) => ({ id, name })), invitations, gone }
  }

  /** `null`: for none. Throws `not_found` for one that the person does not belong to. */
  async choose({ project }: Visit, session: AuthenticatedSession, id: string | null): Promise<void> {
    await this.use.activateOrganization.execute(project, session, id)
  }

  /** Whoever joins works there at once. Answers whose invitation it was. */
  async answer(
    { project, client }: Visit, session: AuthenticatedSession, answer: { id: string; accept: boolean },
  ): Promise<string> {
    const { answerOrganizationInvitation } = this.use
    const { organizationId, organizationName } = await answerOrganizationInvitation.execute(project, session, answer, client)
    if (answer.accept) await this.use.activateOrganization.execute(project, session, organizationId)
    return organizationName
  }
}
