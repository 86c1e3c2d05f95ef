import { toAuthError } from '@portico/http/error-answer'
import type { FastifyReply } from 'fastify'
import type { UseCases } from '../use-cases.js'
import type { Visit } from './hosted/visit.js'
import { failedPage } from './mail-page.js'
import { whyRefused, type FollowedLink } from './why-refused.js'

/** A refusal as a page: whoever sees it followed a link in a mail. */
export async function orFailedPage(
  use: Pick<UseCases, 'readMailedLink'>, visit: Visit, link: FollowedLink, work: () => Promise<FastifyReply>,
): Promise<FastifyReply> {
  try {
    return await work()
  } catch (thrown) {
    const { code, status, retryAfterSeconds } = toAuthError(thrown)
    if (status === 500 || status === 429) throw thrown
    visit.request.errorCode = code
    if (retryAfterSeconds !== undefined) visit.reply.header('retry-after', String(retryAfterSeconds))
    const why = await whyRefused(use, visit, link, code)
    return visit.send(failedPage(visit, why, status, visit.newLink(link.purpose)), { again: null })
  }
}
