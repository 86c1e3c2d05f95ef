import type { ProjectDirectory, ProjectRecord } from '@portico/database/project-directory'
import type { AdmitIdentity } from '@portico/end-user/administration/admit-identity'
import type { ChangeEndUser } from '@portico/end-user/administration/change-end-user'
import type { CreateEndUser } from '@portico/end-user/administration/create-end-user'
import type { ListPeople } from '@portico/end-user/administration/list-people'
import type { InviteUser } from '@portico/end-user/invitations/invite-user'
import type { EndUser } from '@portico/end-user/records/end-user'
import type { ServerSideSessions } from '@portico/end-user/sessions/server-side-sessions'
import { AuthError } from '@portico/kernel/auth-error'
import type { ProvidedIdentity } from '@portico/oauth/provider'
import { doneBy } from '@portico/platform/audit-actor'
import type { Caller } from '@portico/platform/caller'
import type { ConsolePeople, ConsolePerson, From, NewOwner, StartedConsoleSession } from '@portico/platform/console/console-people'

interface Parts {
  directory: ProjectDirectory
  projectId: () => Promise<string>
  sessions: ServerSideSessions
  list: ListPeople
  create: CreateEndUser
  change: ChangeEndUser
  inviteUser: InviteUser
  admit: AdmitIdentity
}

/** Nobody signs up at the console's project; whoever the operator's own issuer sends may come in all the same. */
const FOR_THE_OPERATORS_ISSUER = {
  allow_signups: true,
  invited_only: false,
  email_domains_allowed: [],
  email_domains_blocked: [],
  block_disposable_email: false,
} satisfies Partial<ProjectRecord['settings']>

/** The people of the console, as end users of its project. */
export class People implements ConsolePeople {
  constructor(private readonly parts: Parts) {}

  async behind(sessionId: string): Promise<ConsolePerson | null> {
    const live = await this.parts.sessions.find(await this.#project(), sessionId)
    return live && toPerson(live.user)
  }

  async byIds(ids: readonly string[]): Promise<Map<string, ConsolePerson>> {
    const users = await this.parts.list.byIds(await this.#project(), ids)
    return new Map(users.map((user) => [user.id, toPerson(user)]))
  }

  async whoCanSignIn(ids: readonly string[], settings?: ProjectRecord['settings']): Promise<Set<string>> {
    const project = await this.#project()
    return this.parts.list.whoCanSignIn(settings === undefined ? project : { ...project, settings }, ids)
  }

  async setUp({ email, password, name }: NewOwner, by: Caller): Promise<ConsolePerson> {
    const project = await this.#project()
    const metadata = name === undefined ? {} : { name }
    const who = doneBy(by)
    try {
      return toPerson(await this.parts.create.execute(project, who, { email, password, emailVerified: true, metadata }))
    } catch (error) {
      const known = isTaken(error) ? await this.parts.list.byAddress(project, email) : null
      if (!known) throw error
      const change = { password, emailVerified: true, disabled: false, metadata }
      return toPerson(await this.parts.change.execute(project, who, known.id, change))
    }
  }

  async invite(email: string, by: Caller): Promise<{ person: ConsolePerson; mailed: boolean }> {
    const project = await this.#project()
    try {
      return { person: toPerson(await this.parts.inviteUser.execute(project, doneBy(by), { email })), mailed: true }
    } catch (error) {
      const known = isTaken(error) ? await this.parts.list.byAddress(project, email) : null
      if (!known) throw error
      return { person: toPerson(known), mailed: false }
    }
  }

  async startSession(
    { outside, ...input }: { userId: string; amr: string[]; outside?: boolean },
    from: From,
  ): Promise<StartedConsoleSession> {
    const project = await this.#project()
    const asked = outside ? { ...project, settings: { ...project.settings, mfa: 'off' as const } } : project
    const { sessionId, user } = await this.parts.sessions.start(asked, input, from)
    return { sessionId, person: toPerson(user) }
  }

  /** For the code of our own sign-in page. */
  async redeem(input: { code: string; codeVerifier: string }, from: From): Promise<StartedConsoleSession> {
    const { sessionId, user } = await this.parts.sessions.redeem(await this.#project(), input, from)
    return { sessionId, person: toPerson(user) }
  }

  /** For somebody whom the outside issuer vouches for. Throws `SignInRefusal`. */
  async admit(provider: string, identity: ProvidedIdentity, from: From): Promise<ConsolePerson> {
    const project = await this.#project()
    const settings = { ...project.settings, ...FOR_THE_OPERATORS_ISSUER }
    return toPerson(await this.parts.admit.execute({ ...project, settings }, provider, identity, from))
  }

  async endSession(session: { id: string; userId: string }, from: From): Promise<void> {
    await this.parts.sessions.end(await this.#project(), session, from)
  }

  async #project(): Promise<ProjectRecord> {
    const found = await this.parts.directory.resolve(await this.parts.projectId())
    if (!found) throw new Error('the project of the console is gone')
    return found
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof AuthError && error.code === 'email_taken'
}

function toPerson(user: EndUser): ConsolePerson {
  const { name } = user.metadata
  return {
    id: user.id,
    email: user.email,
    name: typeof name === 'string' && name.trim() !== '' ? name.slice(0, 200) : null,
    invited: user.emailVerifiedAt === null && user.lastSignInAt === null,
    disabled: user.disabledAt !== null,
    lastSignInAt: user.lastSignInAt,
  }
}
