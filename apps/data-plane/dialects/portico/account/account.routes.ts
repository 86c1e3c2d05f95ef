import { AuthError } from '@portico/kernel/auth-error'
import { projectRoutes } from '../../../project/project-routes.js'
import type { UseCases } from '../../../use-cases.js'
import { accountAnswer, changedAccountAnswer } from '../answers/account.js'
import type { Door } from '../door.js'
import { DeleteUserBody, UpdateUserBody } from './account.body.js'
import type { FastifyInstance } from 'fastify'

export function accountRoutes(server: FastifyInstance, use: UseCases, { transport }: Door): void {
  const route = projectRoutes(server)

  route.get(['/user', '/me'], { access: 'claims' }, async ({ project, bearerToken }) => {
    if (bearerToken === null) throw new AuthError('unauthenticated')
    return accountAnswer(await use.readAccount.execute(project, bearerToken), bearerToken)
  })

  route.patch(['/user', '/me'], { access: 'session', body: UpdateUserBody }, async ({ project, session, body, client }) => {
    return changedAccountAnswer(await use.updateUser.execute(project, session, body.metadata, client), session.token)
  })

  route.delete(['/user', '/me'], { access: 'session', body: DeleteUserBody }, async (call) => {
    await use.deleteUser.execute(call.project, call.session, call.body.password, call.client)
    transport.clear(call, call.project)
    return { ok: true }
  })
}
