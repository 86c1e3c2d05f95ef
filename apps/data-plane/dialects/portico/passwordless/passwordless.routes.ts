import { projectRoutes } from '../../../project/project-routes.js'
import type { UseCases } from '../../../use-cases.js'
import type { Door } from '../door.js'
import { AcceptInvitationBody, ConfirmMagicLinkBody, EmailStartBody, EmailVerifyBody, MagicLinkBody } from './passwordless.body.js'
import type { FastifyInstance } from 'fastify'
import { forOrganization } from '../organizations/for-organization.js'

export function passwordlessRoutes(server: FastifyInstance, use: UseCases, { transport, mail }: Door): void {
  const route = projectRoutes(server)

  route.post('/magic-link', { access: 'public', limit: 'mail_client', captcha: true, body: MagicLinkBody }, async (call) => {
    const { project, body, askedIn } = call
    return mail.accepted(call, await use.requestSignInMail.execute(project, 'magic_link', { ...body, askedIn }))
  })

  route.post('/magic-link/confirm', { access: 'public', limit: 'token_client', body: ConfirmMagicLinkBody }, async (call) => {
    const issued = await use.confirmMagicLink.execute(call.project, call.body, call.client)
    return transport.answer(call, call.project, await forOrganization(use, call, issued))
  })

  route.post('/email/start', { access: 'public', limit: 'mail_client', captcha: true, body: EmailStartBody }, async (call) => {
    const { project, body, askedIn } = call
    return mail.accepted(call, await use.requestSignInMail.execute(project, 'email_otp', { ...body, askedIn }))
  })

  route.post('/email/verify', { access: 'public', limit: 'token_client', body: EmailVerifyBody }, async (call) => {
    const issued = await use.verifyEmailCode.execute(call.project, call.body, call.client)
    return transport.answer(call, call.project, await forOrganization(use, call, issued))
  })

  route.post('/invitation/accept', { access: 'public', limit: 'token_client', body: AcceptInvitationBody }, async (call) => {
    const issued = await use.acceptInvitation.execute(call.project, call.body, call.client)
    return transport.answer(call, call.project, await forOrganization(use, call, issued))
  })
}
