import type { PasswordHasher } from '@portico/crypto/password-hasher'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AdmitIdentity } from '@portico/end-user/administration/admit-identity'
import { CreateEndUser } from '@portico/end-user/administration/create-end-user'
import type { CheckNewPassword } from '@portico/end-user/steps/check-new-password'
import type { InviteUser } from '@portico/end-user/invitations/invite-user'
import { ServerSideSessions } from '@portico/end-user/sessions/server-side-sessions'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { doneBy } from '@portico/platform/audit-actor'
import type { DemoPeople, DemoPerson } from '@portico/platform/console/fill-demo'
import type { Caller } from '@portico/platform/caller'

/** Of networks that are kept for documentation (RFC 5737). */
const PLACES = [
  { ip: '203.0.113.17', userAgent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/537.36 Chrome/141.0 Safari/537.36' },
  { ip: '198.51.100.42', userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile Safari/604.1' },
  { ip: '192.0.2.8', userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0' },
]
const OF_ACCOUNTS = [['pwd'], ['email'], ['otp']]

/** The use cases of real people, at times that are over. */
export class PeopleOfTheDemo implements DemoPeople {
  constructor(
    private readonly parts: {
      projectDb: ProjectDb
      hasher: PasswordHasher
      checkNewPassword: CheckNewPassword
      inviteUser: InviteUser
      entropy: Entropy
    },
  ) {}

  async come(project: ProjectRecord, by: Caller, person: DemoPerson): Promise<void> {
    const { projectDb, entropy } = this.parts
    const userId = await this.#account(project, by, person)
    for (const [n, at] of person.signIns.entries()) {
      const amr = person.social ? ['fed'] : OF_ACCOUNTS[n % OF_ACCOUNTS.length]!
      const place = PLACES[(n + person.name.length) % PLACES.length]!
      await new ServerSideSessions(projectDb, stopped(at), entropy).start(project, { userId, amr }, place)
    }
  }

  async invite(project: ProjectRecord, by: Caller, email: string): Promise<void> {
    await this.parts.inviteUser.execute(project, doneBy(by), { email })
  }

  async #account(project: ProjectRecord, by: Caller, { email, name, social, joinedAt }: DemoPerson): Promise<string> {
    const { projectDb, hasher, checkNewPassword, entropy } = this.parts
    const clock = stopped(joinedAt)
    if (!social) {
      const create = new CreateEndUser(projectDb, hasher, checkNewPassword, clock, entropy)
      return (await create.execute(project, doneBy(by), { email, emailVerified: true, metadata: { name } })).id
    }
    const identity = { subject: `demo-${name}`, email, emailVerified: true, profile: { name } }
    return (await new AdmitIdentity(projectDb, clock, entropy).execute(project, 'google', identity, PLACES[0]!)).id
  }
}

const stopped = (at: Date): Clock => ({ now: () => at })
