import '@portico/http/request-context'
import { isSignedWebhook } from '@portico/crypto/signed-webhook'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { FastifyInstance } from 'fastify'
import type { UseCases } from '../use-cases.js'
import { readResendReport } from './resend-report.js'

const LARGEST_REPORT = 256 * 1024

/** `POST /api/v1/mail/events/resend`: what Resend says became of mails, signed with the secret of its webhook. */
export function registerResendEvents(server: FastifyInstance, use: UseCases, { secret, clock }: { secret: string; clock: Clock }): void {
  void server.register((scope, _options, done) => {
    // The signature is over the bytes, which a parsed body no longer has.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('application/json', { parseAs: 'string', bodyLimit: LARGEST_REPORT }, (_request, body, parsed) =>
      parsed(null, body),
    )
    scope.post('/api/v1/mail/events/resend', { config: { access: 'public' } }, async ({ headers, body }) => {
      const header = (name: string) => (typeof headers[name] === 'string' ? headers[name] : '')
      const signed = {
        id: header('svix-id') || header('webhook-id'),
        timestamp: header('svix-timestamp') || header('webhook-timestamp'),
        signatures: header('svix-signature') || header('webhook-signature'),
        body: typeof body === 'string' ? body : '',
      }
      if (!isSignedWebhook(signed, secret, clock.now())) throw new AuthError('unauthenticated')
      const report = readResendReport(parse(signed.body))
      if (report) await use.takeDeliveryReport.execute(report)
      return { ok: true }
    })
    done()
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new AuthError('invalid_json')
  }
}
