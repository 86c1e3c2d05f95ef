import '@portico/http/request-context'
import { AuthError } from '@portico/kernel/auth-error'
import { isUuid } from '@portico/kernel/ids'
import { sendAway } from '@portico/http/send-away'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { UseCases } from '../use-cases.js'
import { devMailAnswer } from './dev-mail.answer.js'

/**
 * A mail as a mail program would show it: its styles stand in it, its pictures are `data:` or a project's logo, nothing else is
 * fetched and nothing runs.
 * Only a page of this origin may show it, and there the links of the mail open in a window of their own.
 */
const mailPolicy = (pictures: string): string =>
  `sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data: ${pictures}; frame-ancestors 'self'`

/** `GET /dev/inbox`, `.json`, and one mail. Mails hold working tokens: register it in development only. */
export function registerDevInbox(server: FastifyInstance, use: UseCases, dataPlanePublicUrl: string): void {
  const policy = mailPolicy(new URL(dataPlanePublicUrl).origin)
  const config = { access: 'public' }
  const addressee = (request: FastifyRequest) => {
    const { to } = request.query as Record<string, unknown>
    return typeof to === 'string' ? to : null
  }
  const read = async (request: FastifyRequest, to: string | null) =>
    (await use.readDevInbox.execute({ to, tenantId: await use.console.door.inboxTenant(request) })).map(devMailAnswer)

  server.get('/dev/inbox.json', { config }, async (request) => ({ data: await read(request, addressee(request)) }))
  server.get('/dev/inbox', { config }, (request, reply) => {
    const to = addressee(request)
    return sendAway(reply, to === null ? '/console/inbox' : `/console/inbox?${new URLSearchParams({ to })}`)
  })
  server.get('/dev/inbox/:mailId', { config }, async (request, reply) => {
    const { mailId } = request.params as { mailId: string }
    const mail = isUuid(mailId) ? (await read(request, null)).find(({ id }) => id === mailId.toLowerCase()) : undefined
    if (!mail) throw new AuthError('not_found')
    return reply
      .headers({ 'content-security-policy': policy, 'cache-control': 'no-store', 'x-frame-options': 'SAMEORIGIN' })
      .type('text/html; charset=utf-8')
      .send(withTargets(mail.html))
  })
}

/** Links lead to windows of their own: in the frame they would show an app's page within ours. */
function withTargets(html: string): string {
  const base = '<base target="_blank">'
  return /<head[^>]*>/i.test(html) ? html.replace(/<head[^>]*>/i, (head) => head + base) : base + html
}
