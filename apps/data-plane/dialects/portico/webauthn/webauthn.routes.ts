import { cacheable } from '../../../project/cacheable.js'
import { projectRoutes } from '../../../project/project-routes.js'
import type { UseCases } from '../../../use-cases.js'
import { passkeyAnswer } from '../answers/passkey.js'
import { FreshProofBody } from '../factors/factors.body.js'
import type { Door } from '../door.js'
import {
  AuthenticateOptionsBody, AuthenticateVerifyBody, RegisterOptionsBody, RegisterVerifyBody, RenamePasskeyBody,
} from './webauthn.body.js'
import type { FastifyInstance } from 'fastify'
import { forOrganization } from '../organizations/for-organization.js'

const ORIGINS_SECONDS = 300

export function webauthnRoutes(server: FastifyInstance, use: UseCases, { transport }: Door): void {
  const route = projectRoutes(server)

  route.post('/webauthn/register/options', { access: 'enrolment', limit: 'factor_client', body: RegisterOptionsBody }, async (call) => {
    const { project, session, body, client } = call
    const who = await use.findEnrolling.execute(project, session, body.mfaToken)
    return use.startPasskey.execute(project, who, body, client)
  })

  route.post('/webauthn/register/verify', {
    access: 'enrolment', limit: 'factor_client', status: 201, body: RegisterVerifyBody,
  }, async (call) => {
    const who = await use.findEnrolling.execute(call.project, call.session, call.body.mfaToken)
    const enrolled = await use.registerPasskey.execute(call.project, who, call.body, call.client)
    return { passkey: passkeyAnswer(enrolled.passkey), ...transport.enrolled(call, call.project, who, enrolled) }
  })

  route.post('/webauthn/authenticate/options', { access: 'public', limit: 'factor_client', body: AuthenticateOptionsBody }, (call) => {
    return use.startPasskeySignIn.execute(call.project, call.body.mfaToken)
  })

  route.post('/webauthn/authenticate/verify', { access: 'public', limit: 'factor_client', body: AuthenticateVerifyBody }, async (call) => {
    const issued = await use.signInWithPasskey.execute(call.project, call.body.credential, call.client)
    return transport.answer(call, call.project, await forOrganization(use, call, issued))
  })

  route.get('/webauthn/credentials', { access: 'session' }, async ({ project, session }) => {
    return { data: (await use.listPasskeys.execute(project, session)).map(passkeyAnswer) }
  })

  route.patch('/webauthn/credentials/:id', { access: 'session', body: RenamePasskeyBody }, async (call) => {
    const { project, session, params, body, client } = call
    return passkeyAnswer(await use.renamePasskey.execute(project, session, { id: params.id, friendlyName: body.friendlyName }, client))
  })

  route.delete('/webauthn/credentials/:id', { access: 'session', body: FreshProofBody }, async (call) => {
    const { project, session, params, body, client } = call
    await use.removeFactor.execute(project, session, { factorId: params.id, only: 'webauthn', ...body }, client)
    return { ok: true }
  })

  /** WebAuthn Level 3, 5.11. */
  route.get('/.well-known/webauthn', { access: 'public' }, async (call) => {
    return cacheable(call, ORIGINS_SECONDS, await use.readRelatedOrigins.execute(call.project))
  })
}
