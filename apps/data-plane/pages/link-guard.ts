import type { ProjectRecord } from '@portico/database/project-directory'
import { autoSubmitReason, scannerReason } from '@portico/end-user/abuse/link-opener'
import type { RecordLinkScanner } from '@portico/end-user/abuse/record-link-scanner'
import type { Caller } from '@portico/end-user/caller'
import type { FastifyRequest } from 'fastify'

export interface OpenedLink {
  token: string
  purpose: string
}

/** Notices mail scanners at our own pages: those that open links, and those that press buttons by script. */
export class LinkGuard {
  constructor(private readonly record: RecordLinkScanner) {}

  /** The page was asked for. */
  async opened(request: FastifyRequest, project: ProjectRecord, link: OpenedLink, caller: Caller): Promise<void> {
    const reason = scannerReason({ method: request.method, headers: request.headers })
    if (reason !== null) await this.record.execute(project, { ...link, reason }, caller)
  }

  /** Whether the form was sent without anybody having pressed its button; then nothing may be spent. */
  async wasAutoSubmitted(request: FastifyRequest, project: ProjectRecord, link: OpenedLink, caller: Caller): Promise<boolean> {
    const reason = autoSubmitReason({ headers: request.headers })
    if (reason === null) return false
    await this.record.execute(project, { ...link, reason }, caller)
    return true
  }
}
