import type { ProjectRecord } from '@portico/database/project-directory'
import type { HttpExchange } from '../../../project/project-routes.js'

/** What an answer says about mail: only whether the project has a sender, its own or the installation's, never whether this one will be. */
export class MailDelivery {
  constructor(private readonly configured: boolean) {}

  /** `requestId`: what `GET /email/status/{request_id}` is asked with, by whoever was answered it. */
  accepted(project: ProjectRecord, requestId: string) {
    return { ok: true as const, request_id: requestId, delivery: this.configured || project.ownMailSender ? ('queued' as const) : ('not_configured' as const) }
  }

  /** 202: the account, if one was made, waits for its address to be confirmed. */
  confirmationRequired({ reply }: HttpExchange) {
    reply.code(202)
    return { ok: true as const, confirmation_required: true as const }
  }
}
