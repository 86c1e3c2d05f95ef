import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { parseEmailAddress } from '@portico/kernel/email-address'
import type { Caller } from '../caller.js'
import type { OAuthFlow } from '../records/oauth-flow.store.js'
import { findMember } from '../records/organization-member.store.js'
import type { AttemptCheck, AttemptReport } from '../records/sso-attempt.js'
import { finishSsoTest } from '../records/sso-attempt.store.js'
import type { SsoConnection } from '../records/sso-connection.js'
import { SignInRefusal } from '../steps/sign-in-refusal.js'
import { checksUpTo, decodedReport, EMPTY_REPORT, personReport, refusalReport } from './attempt-report.js'
import { followGroups, groupOfRole } from './follow-groups.js'
import { personOf, type IdentifyPerson, type SsoAnswer } from './identify-person.js'
import type { SsoPerson } from './read-person.js'
import { addressOf, resolvePerson } from './resolve-person.js'

/** How a test ended. */
export interface TestedSso {
  attemptId: string
  accepted: boolean
  /** Where the report is shown to whoever holds the link; `null`: where the test was made. */
  backTo: string | null
}

/**
 * The browser of an operator is back from the identity provider: does all that a sign-in does, and takes all of it back. What is written
 * down is a report for whoever ran the test; nobody is signed in, no account is made or changed, and the app is not asked.
 */
export class TryConnection {
  constructor(
    private readonly db: ProjectDb,
    private readonly identify: IdentifyPerson,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  async execute(
    project: ProjectRecord,
    connection: SsoConnection | null,
    flow: OAuthFlow & { attemptId: string },
    asked: { answer: SsoAnswer; state: string },
    caller: Caller,
  ): Promise<TestedSso> {
    const found: AttemptReport = { ...EMPTY_REPORT }
    const refused = await this.#run(project, connection, flow, asked, caller, found)
    const report = { ...found, checks: checksUpTo(refused) }
    const { attemptId } = flow
    const accepted = refused === null
    await this.db.transaction(project.scope, (tx) =>
      finishSsoTest(tx, { id: attemptId, state: accepted ? 'accepted' : 'refused', report, now: this.clock.now() }),
    )
    return { attemptId, accepted, backTo: flow.redirectTo }
  }

  /** Fills in what it finds; answers the check that failed, `null`: none. */
  async #run(
    project: ProjectRecord,
    connection: SsoConnection | null,
    flow: OAuthFlow,
    asked: { answer: SsoAnswer; state: string },
    caller: Caller,
    found: AttemptReport,
  ): Promise<AttemptCheck | null> {
    let check: AttemptCheck = 'answer'
    try {
      if (!connection || connection.state === 'draft') throw new SignInRefusal('provider_not_enabled')
      const answer = await this.identify.execute(project, connection, flow, asked)
      Object.assign(found, decodedReport(answer))
      check = 'mapping'
      const person = personOf(answer, connection.settings.mapping)
      Object.assign(found, personReport(person), domainReport(connection, person))
      check = 'account'
      Object.assign(found, await this.#wouldOpen(project, connection, person, caller))
      return null
    } catch (error) {
      if (!(error instanceof SignInRefusal)) throw error
      Object.assign(found, refusalReport(error))
      return check
    }
  }

  /** The very statements of a sign-in, rolled back. */
  async #wouldOpen(project: ProjectRecord, connection: SsoConnection, person: SsoPerson, caller: Caller): Promise<Partial<AttemptReport>> {
    const email = addressOf(person)?.normalised
    const approval = email === undefined ? null : { email, appMetadata: null }
    const work = async (tx: ProjectTx): Promise<never> => {
      const now = this.clock.now()
      const context = { now, caller, entropy: this.entropy, mayMail: false, approval }
      const { user, how } = await resolvePerson(tx, project, connection, person, context)
      const organizationId = await followGroups(tx, connection, { userId: user.id, groups: person.groups }, { caller, now })
      const member = organizationId === null ? null : await findMember(tx, organizationId, user.id)
      const role = member?.role ?? null
      const roleGroup = role === null ? null : groupOfRole(connection.settings, person.groups, role)
      throw new TakenBack({ account: how, endUserId: how === 'created' ? null : user.id, organizationId, role, roleGroup })
    }
    return this.db.transaction(project.scope, work).catch((error: unknown) => {
      if (error instanceof TakenBack) return error.found
      throw error
    })
  }
}

/** Makes the transaction roll back, and carries out what was found in it. */
class TakenBack extends Error {
  constructor(readonly found: Partial<AttemptReport>) {
    super('taken back')
  }
}

function domainReport({ domains }: SsoConnection, { email }: SsoPerson): Partial<AttemptReport> {
  const normalised = email === null ? undefined : parseEmailAddress(email)?.normalised
  if (normalised === undefined) return {}
  const emailDomain = normalised.slice(normalised.lastIndexOf('@') + 1)
  return { emailDomain, domainProven: domains.includes(emailDomain) }
}
