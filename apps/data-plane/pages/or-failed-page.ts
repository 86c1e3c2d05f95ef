import { toAuthError } from '@portico/http/error-answer'
import type { FastifyReply } from 'fastify'
import type { Visit } from './hosted/visit.js'
import { failedPage } from './mail-page.js'
import { refusalText } from './words/refusals.js'

/** A refusal as a page: whoever sees it followed a link in a mail. */
export async function orFailedPage(visit: Visit, work: () => Promise<FastifyReply>): Promise<FastifyReply> {
  try {
    return await work()
  } catch (thrown) {
    const { code, status, retryAfterSeconds } = toAuthError(thrown)
    if (status === 500 || status === 429) throw thrown
    visit.request.errorCode = code
    if (retryAfterSeconds !== undefined) visit.reply.header('retry-after', String(retryAfterSeconds))
    return visit.send(
      failedPage(visit, refusalText(visit.words, code === 'invalid_or_expired_token' ? 'link_spent' : code), status), { again: null },
    )
  }
}
