import { projectRoutes } from '../../../project/project-routes.js'
import type { UseCases } from '../../../use-cases.js'
import { endUserAnswer } from '../answers/end-user.js'
import { MailRequestBody } from '../password/password.body.js'
import type { Door } from '../door.js'
import { ChangeEmailBody, ConfirmEmailBody, TokenBody } from './email.body.js'
import type { FastifyInstance } from 'fastify'

export function emailRoutes(server: FastifyInstance, use: UseCases, { mail }: Door): void {
  const route = projectRoutes(server)

  route.post('/email/confirm', { access: 'public', limit: 'token_client', body: ConfirmEmailBody }, async (call) => {
    const { project, bearerToken, body, client } = call
    const strict = project.settings.confirm_in_same_browser
    // A bad one is refused and not left out: whoever sends a session counts on what it shows.
    const session = bearerToken === null ? null : await use.authenticate.execute(project, bearerToken)
    const { user, passwordRemoved } = await use.confirmSignUp.execute(project, body, client, { strict, session })
    return { ok: true, user: endUserAnswer(user), ...(passwordRemoved ? { password_removed: true } : {}) }
  })

  route.get('/email/status/:request_id', { access: 'public', limit: 'token_client' }, async ({ project, request }) => {
    const { request_id: requestId } = request.params as { request_id: string }
    return { status: await use.readMailStatus.execute(project, requestId) }
  })

  route.post('/email/resend', { access: 'public', limit: 'reset_client', body: MailRequestBody }, async (call) => {
    const { project, body, askedIn } = call
    return mail.accepted(call, await use.resendConfirmation.execute(project, { ...body, askedIn }))
  })

  route.post('/email/change', { access: 'session', body: ChangeEmailBody }, async (call) => {
    const { project, session, body, client, askedIn } = call
    const requestId = await use.requestEmailChange.execute(project, session, { ...body, askedIn }, client)
    return { ...mail.accepted(call, requestId), confirmation_required: true }
  })

  route.delete('/email/change', { access: 'session' }, async ({ project, session, client }) => {
    await use.cancelEmailChange.execute(project, session, client)
    return { ok: true }
  })

  route.post('/email/change/undo', { access: 'public', limit: 'token_client', body: TokenBody }, async ({ project, body, client }) => {
    return { ok: true, user: endUserAnswer(await use.undoEmailChange.execute(project, body.token, client)) }
  })
}
