import { projectRoutes } from '../../../project/project-routes.js'
import type { UseCases } from '../../../use-cases.js'
import type { Door } from '../door.js'
import { ratedPasswordAnswer } from '../answers/rated-password.js'
import { ChangePasswordBody, CheckPasswordBody, ConfirmPasswordResetBody, LogInBody, MailRequestBody, SignUpBody } from './password.body.js'
import type { FastifyInstance } from 'fastify'
import { forOrganization } from '../organizations/for-organization.js'

export function passwordRoutes(server: FastifyInstance, use: UseCases, { transport, mail }: Door): void {
  const route = projectRoutes(server)

  route.post('/signup', { access: 'public', limit: 'signup_client', captcha: true, status: 201, body: SignUpBody }, async (call) => {
    const deviceToken = transport.deviceToken(call, call.body.deviceToken)
    const issued = await use.signUp.execute(call.project, { ...call.body, deviceToken, askedIn: call.askedIn }, call.client)
    return issued ? transport.answer(call, call.project, await forOrganization(use, call, issued)) : mail.confirmationRequired(call)
  })

  route.post(['/login', '/token'], { access: 'public', captcha: true, body: LogInBody }, async (call) => {
    const deviceToken = transport.deviceToken(call, call.body.deviceToken)
    const issued = await use.logIn.execute(call.project, { ...call.body, deviceToken }, call.client)
    return transport.answer(call, call.project, await forOrganization(use, call, issued))
  })

  route.post(['/password-reset', '/reset'], {
    access: 'public', limit: 'reset_client', captcha: true, body: MailRequestBody,
  }, async (call) => {
    const { project, body, askedIn } = call
    return mail.accepted(call, await use.requestPasswordReset.execute(project, { ...body, askedIn }))
  })

  route.post('/password-reset/confirm', { access: 'public', limit: 'token_client', body: ConfirmPasswordResetBody }, async (call) => {
    const { project, body, client } = call
    await use.confirmPasswordReset.execute(project, body, client)
    return { ok: true }
  })

  route.post('/password', { access: 'session', body: ChangePasswordBody }, async ({ project, session, body, client }) => {
    await use.changePassword.execute(project, session, body, client)
    return { ok: true }
  })

  route.post('/password/check', { access: 'public', limit: 'password_check_client', body: CheckPasswordBody }, async (call) => {
    return ratedPasswordAnswer(await use.ratePassword.execute(call.project, call.body))
  })
}
