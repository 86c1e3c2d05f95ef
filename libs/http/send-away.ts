import type { FastifyReply } from 'fastify'

/**
 * Sends a browser somewhere else. A header cannot hold every character of a URL as it may have been put together from decoded parts; those
 * that it cannot are percent-encoded, and the rest stays as it was written: other people's URLs are not re-serialised.
 */
export function sendAway(reply: FastifyReply, url: string): FastifyReply {
  const location = url.toWellFormed().replaceAll(/[^\x21-\x7e]/gu, encodeURIComponent)
  return reply.code(302).header('location', location).header('cache-control', 'no-store').send()
}
