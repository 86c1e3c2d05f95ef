import { html } from '@portico/http/html-page'
import { AuthError } from '@portico/kernel/auth-error'
import { sendAway } from '@portico/http/send-away'
import type { IssuedSession } from '@portico/end-user/steps/token-issuer'
import type { FastifyInstance } from 'fastify'
import { projectRoutes } from '../../project/project-routes.js'
import { button, hidden } from '../look/controls.js'
import { refusalText } from '../words/refusals.js'
import { enrolAppView, enrolView, recoveryCodesView } from './enrol.view.js'
import { EnrolForm, FlowQuery, PlainForm } from './hosted.body.js'
import type { HostedPages } from './hosted-pages.js'
import { readCredential } from './read-credential.js'
import type { Visit } from './visit.js'

/** The first second step, in a project that lets nobody in without one. */
export function enrolRoutes(server: FastifyInstance, pages: HostedPages): void {
  const route = projectRoutes(server)
  const { use, finish } = pages
  const form = { access: 'public', ignoreUnknownQuery: true, onError: pages.onError, acceptsForm: true } as const

  route.post('/mfa/enrol', { ...form, query: FlowQuery, limit: 'factor_client', body: EnrolForm }, async (call) => {
    const visit = pages.visit(call)
    const refusal = pages.refuse(visit)
    if (refusal) return refusal
    const { mfaToken, intent = 'totp', credential = '', factorId = '', code = '', formToken } = call.body
    const passkeys = await pages.passkeysAt(visit)
    if (!visit.isOurForm(formToken)) {
      return visit.send(enrolView(visit, { mfaToken, passkeys, problem: visit.say('error.form_expired'), status: 403 }), { again: null })
    }
    const { project, client } = visit
    try {
      const who = await use.findEnrolling.execute(project, null, mfaToken)
      if (intent === 'passkey') {
        const assertion = readCredential(credential)
        if (assertion === null) throw new AuthError('passkey_refused')
        const made = await use.registerPasskey.execute(project, who, { credential: assertion }, client)
        return await enrolled(visit, made.issued, made.recoveryCodes)
      }
      if (intent === 'totp_code') {
        const made = await use.activateTotp.execute(project, who, { factorId, code }, client)
        return await enrolled(visit, made.issued, made.recoveryCodes)
      }
      return visit.send(enrolAppView(visit, mfaToken, await use.startTotp.execute(project, who, {}, client)), { again: null })
    } catch (thrown) {
      const { code: reason, status } = pages.noted(visit, thrown)
      const problem = reason === 'invalid_or_expired_token' ? visit.say('error.mfa_expired') : refusalText(visit.words, reason)
      if (reason === 'invalid_code') return visit.send(enrolAppView(visit, mfaToken, { factorId }, problem, status), { again: null })
      return visit.send(enrolView(visit, { mfaToken, passkeys, problem, status }), { again: null })
    }
  })

  /** On to the app, once the recovery codes were kept: a code for it would not have lasted while they were being written down. */
  route.post('/continue', { ...form, query: FlowQuery, body: PlainForm }, async (call) => {
    const visit = pages.visit(call)
    const refusal = pages.refuse(visit)
    if (refusal) return refusal
    const session = visit.isOurForm(call.body.formToken) ? await pages.session(visit) : null
    if (session === null) return sendAway(visit.reply, visit.to('/sign-in'))
    return finish.on(visit, session)
  })

  async function enrolled(visit: Visit, issued: IssuedSession, codes: string[] | null) {
    if (codes === null) return finish.leave(visit, issued)
    finish.keep(visit, issued)
    const next = html`<form method="post" action="${visit.to('/continue')}">${hidden('form_token', visit.browser.formToken)}
${button({ label: visit.say('codes.kept') })}</form>`
    return visit.send(recoveryCodesView(visit, codes, next), { again: null })
  }
}
