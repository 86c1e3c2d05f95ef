import type { HttpExchange, ProjectCall } from '../../../project/project-routes.js'

/** What an answer says about mail: only whether the project has a sender, its own or the installation's, never whether this one will be. */
export class MailDelivery {
  constructor(private readonly configured: boolean) {}

  /** `requestId`: what `GET /email/status/{request_id}` is asked with, by whoever was answered it. */
  accepted({ project, reply }: Pick<ProjectCall<unknown, unknown, unknown, unknown>, 'project' | 'reply'>, requestId: string) {
    reply.header('mail-request-id', requestId)
    return { ok: true as const, delivery: this.configured || project.ownMailSender ? ('queued' as const) : ('not_configured' as const) }
  }

  /** 202: the account, if one was made, waits for its address to be confirmed. */
  confirmationRequired({ reply }: HttpExchange) {
    reply.code(202)
    return { ok: true as const, confirmation_required: true as const }
  }
}
