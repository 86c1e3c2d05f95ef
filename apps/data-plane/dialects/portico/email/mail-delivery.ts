import type { HttpExchange } from '../../../project/project-routes.js'

/** What an answer says about mail: only whether this installation can send any, never whether this one will be. */
export class MailDelivery {
  constructor(private readonly configured: boolean) {}

  accepted() {
    return { ok: true as const, delivery: this.configured ? ('queued' as const) : ('not_configured' as const) }
  }

  /** 202: the account, if one was made, waits for its address to be confirmed. */
  confirmationRequired({ reply }: HttpExchange) {
    reply.code(202)
    return { ok: true as const, confirmation_required: true as const }
  }
}
