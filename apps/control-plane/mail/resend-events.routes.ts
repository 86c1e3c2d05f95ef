import '@portico/http/request-context'
import { isSignedWebhook } from '@portico/crypto/signed-webhook'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { DeliveryReport } from '@portico/platform/mail/take-delivery-report'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { UseCases } from '../use-cases.js'
import { readResendReport } from './resend-report.js'

const LARGEST_REPORT = 256 * 1024

/**
 * What Resend says became of mails, signed with the secret of its webhook: `POST /api/v1/mail/events/resend` of the installation's account,
 * `POST /api/v1/mail/events/resend/{id}` of a project's or a tenant's own.
 */
export function registerResendEvents(
  server: FastifyInstance,
  use: UseCases,
  { secret, clock }: { secret: string | null; clock: Clock },
): void {
  void server.register((scope, _options, done) => {
    // The signature is over the bytes, which a parsed body no longer has.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('application/json', { parseAs: 'string', bodyLimit: LARGEST_REPORT }, (_request, body, parsed) =>
      parsed(null, body),
    )
    if (secret !== null) {
      scope.post('/api/v1/mail/events/resend', { config: { access: 'public' } }, async (request) => {
        const report = read(request, secret, clock)
        if (report) await use.takeDeliveryReport.execute(report)
        return { ok: true }
      })
    }
    const ofOwner = '/api/v1/mail/events/resend/:ownerId'
    scope.post<{ Params: { ownerId: string } }>(ofOwner, { config: { access: 'public' } }, async (request) => {
      const webhook = await use.senderWebhook.find(request.params.ownerId)
      if (!webhook) throw new AuthError('unauthenticated')
      const report = read(request, webhook.secret, clock)
      if (report) await use.senderWebhook.take(webhook.owner, report)
      return { ok: true }
    })
    done()
  })
}

/** Throws `unauthenticated`. `null`: nothing about a mail of ours. */
function read({ headers, body }: FastifyRequest, secret: string, clock: Clock): DeliveryReport | null {
  const header = (...names: string[]) => names.map((name) => headers[name]).find((value) => typeof value === 'string') ?? ''
  const signed = {
    id: String(header('svix-id', 'webhook-id')),
    timestamp: String(header('svix-timestamp', 'webhook-timestamp')),
    signatures: String(header('svix-signature', 'webhook-signature')),
    body: typeof body === 'string' ? body : '',
  }
  if (!isSignedWebhook(signed, secret, clock.now())) throw new AuthError('unauthenticated')
  return readResendReport(parse(signed.body))
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new AuthError('invalid_json')
  }
}
