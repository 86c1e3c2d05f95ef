import { projectRoutes } from '../../../project/project-routes.js'
import type { UseCases } from '../../../use-cases.js'
import { challengeAnswer } from '../answers/challenge.js'
import { factorAnswer, startedTotpAnswer } from '../answers/factor.js'
import { sessionAnswer } from '../answers/session.js'
import type { Door } from '../door.js'
import {
  ActivateFactorBody, ChallengeBody, ConfirmRecoveryBody, FreshProofBody, StartFactorBody, VerifyFactorBody,
} from './factors.body.js'
import type { FastifyInstance } from 'fastify'
import { forOrganization } from '../organizations/for-organization.js'

export function factorRoutes(server: FastifyInstance, use: UseCases, { transport }: Door): void {
  const route = projectRoutes(server)

  route.get('/factors', { access: 'session' }, async ({ project, session }) => {
    const { factors, recoveryCodesLeft } = await use.listFactors.execute(project, session)
    return { data: factors.map(factorAnswer), recovery_codes_left: recoveryCodesLeft }
  })

  route.post('/factors', { access: 'enrolment', limit: 'factor_client', status: 201, body: StartFactorBody }, async (call) => {
    const { project, session, body, client } = call
    const who = await use.findEnrolling.execute(project, session, body.mfaToken)
    return startedTotpAnswer(await use.startTotp.execute(project, who, body, client))
  })

  route.post('/factors/:id/verify', { access: 'enrolment', limit: 'factor_client', body: ActivateFactorBody }, async (call) => {
    const who = await use.findEnrolling.execute(call.project, call.session, call.body.mfaToken)
    const enrolled = await use.activateTotp.execute(call.project, who, { factorId: call.params.id, code: call.body.code }, call.client)
    return { factor: factorAnswer(enrolled.factor), ...transport.enrolled(call, call.project, who, enrolled) }
  })

  route.delete('/factors/:id', { access: 'session', body: FreshProofBody }, async ({ project, session, params, body, client }) => {
    await use.removeFactor.execute(project, session, { factorId: params.id, ...body }, client)
    return { ok: true }
  })

  route.post('/factors/recovery-codes', { access: 'session', body: FreshProofBody }, async ({ project, session, body, client }) => {
    return { recovery_codes: await use.replaceRecoveryCodes.execute(project, session, body, client) }
  })

  route.post('/mfa/verify', { access: 'public', limit: 'factor_client', body: VerifyFactorBody }, async (call) => {
    const { mfaToken, ...proof } = call.body
    const issued = await use.verifySecondFactor.execute(call.project, { mfaToken, proof }, call.client)
    return transport.answer(call, call.project, await forOrganization(use, call, issued))
  })

  route.post('/mfa/challenge', { access: 'session', body: ChallengeBody }, async ({ project, session, body, client }) => {
    const { maxAge, ...proof } = body
    const asks = proof.code === undefined && proof.assertion === undefined
    if (asks) return challengeAnswer(await use.challengeSession.ask(project, session, maxAge ?? null))
    return sessionAnswer(await use.challengeSession.execute(project, session, proof, client), false)
  })

  route.post('/recovery/confirm', { access: 'public', limit: 'token_client', body: ConfirmRecoveryBody }, async (call) => {
    const issued = await use.confirmRecovery.execute(call.project, call.body.token, call.client)
    return transport.answer(call, call.project, await forOrganization(use, call, issued))
  })
}
