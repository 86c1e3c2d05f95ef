import type { ProjectRecord } from '@portico/database/project-directory'
import type { Enrolling } from '@portico/end-user/steps/enrolling'
import { sessionAnswer, type SessionGrant } from '@portico/end-user/steps/session-grant'
import type { HttpExchange } from '../session/http-exchange.js'
import type { SessionTransport } from '../session/session-transport.js'

/** What an added factor brings along: a whole session for who had none yet, else the raised access token; and recovery codes, this once. */
export class EnrolledTransport {
  constructor(private readonly transport: SessionTransport) {}

  answer(http: HttpExchange, project: ProjectRecord, who: Enrolling, grant: SessionGrant, recoveryCodes: string[] | null) {
    const session = who.session ? sessionAnswer(grant, false) : this.transport.answer(http, project, grant)
    return { ...(recoveryCodes ? { recovery_codes: recoveryCodes } : {}), ...session }
  }
}
