import type { ProjectRecord } from '@portico/database/project-directory'
import { toAuthError } from '@portico/http/error-answer'
import { sendPage } from '@portico/http/html-page'
import type { FastifyReply } from 'fastify'
import { failedPage } from './mail-page.js'

/** A refusal as a page: whoever sees it followed a link in a mail. */
export async function orFailedPage(reply: FastifyReply, project: ProjectRecord, work: () => Promise<FastifyReply>): Promise<FastifyReply> {
  try {
    return await work()
  } catch (thrown) {
    const error = toAuthError(thrown)
    if (error.status === 500 || error.status === 429) throw thrown
    reply.request.errorCode = error.code
    if (error.retryAfterSeconds !== undefined) reply.header('retry-after', String(error.retryAfterSeconds))
    return sendPage(reply, failedPage(project, error.message, error.status))
  }
}
