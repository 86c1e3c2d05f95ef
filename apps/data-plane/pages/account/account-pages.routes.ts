import { AuthError } from '@portico/kernel/auth-error'
import { sendAway } from '@portico/http/send-away'
import type { FastifyInstance } from 'fastify'
import { projectRoutes } from '../../project/project-routes.js'
import { AccountForm, AccountQuery, FlowQuery, PlainForm } from '../hosted/hosted.body.js'
import type { HostedPages } from '../hosted/hosted-pages.js'
import { refusalText } from '../words/refusals.js'
import { AccountActions, saved } from './account-actions.js'
import { ReadAccountPage } from './read-account-page.js'
import { signedOutView } from './signed-out.view.js'

/** `{AUTH_URL}/account`, for whoever signed in on our pages. */
export function accountRoutes(server: FastifyInstance, pages: HostedPages): void {
  const route = projectRoutes(server)
  const { use } = pages
  const page = { access: 'public', ignoreUnknownQuery: true, onError: pages.onError } as const
  const form = { ...page, acceptsForm: true } as const
  const reader = new ReadAccountPage(pages)
  const actions = new AccountActions(pages, reader)

  route.get('/account', { ...page, query: AccountQuery }, async (call) => {
    const visit = pages.visit(call)
    const session = await pages.session(visit)
    if (session === null) return sendAway(visit.reply, `${visit.base}/sign-in${visit.localeQuery}`)
    return reader.show(visit, session, { done: call.query.done })
  })

  route.post('/account', { ...form, query: AccountQuery, limit: 'token_client', body: AccountForm }, async (call) => {
    const visit = pages.visit(call)
    const session = await pages.session(visit)
    if (session === null) return sendAway(visit.reply, `${visit.base}/sign-in${visit.localeQuery}`)
    if (!visit.isOurForm(call.body.formToken)) return reader.show(visit, session, { problem: visit.say('error.form_expired'), status: 403 })
    try {
      await pages.admitChange(visit, session.user.id)
      return await actions.execute(visit, session, call.body)
    } catch (thrown) {
      const { code, status, details } = pages.noted(visit, thrown)
      return reader.show(visit, session, { problem: actions.problem(visit, code, details?.[0]), status })
    }
  })

  /** Back from the provider that was to be connected. */
  route.get('/account/return', { ...page, query: AccountQuery, limit: 'token_client' }, async (call) => {
    const visit = pages.visit(call)
    const session = await pages.session(visit)
    if (session === null) return sendAway(visit.reply, `${visit.base}/sign-in${visit.localeQuery}`)
    const { code, error } = call.query
    if (code === undefined || error !== undefined) return reader.show(visit, session, { problem: visit.say('error.provider'), status: 400 })
    try {
      await use.completeLink.execute(visit.project, session, { code, codeVerifier: visit.browser.verifier('connect') }, visit.client)
      return saved(visit)
    } catch (thrown) {
      const { code: reason, status } = pages.noted(visit, thrown)
      return reader.show(visit, session, { problem: refusalText(visit.words, reason), status })
    }
  })

  /** What the script needs to make a passkey. Not a form: it is read by our page alone, which shows the token of its form. */
  route.post('/account/passkey-options', { access: 'public', limit: 'factor_client', body: AccountForm }, async (call) => {
    const visit = pages.visit({ ...call, project: call.project, query: {}, client: call.client, request: call.request, reply: call.reply })
    const { formToken, currentPassword, factorCode } = call.body
    const session = visit.browser.sent(formToken) ? await pages.session(visit) : null
    if (session === null) throw new AuthError('unauthenticated')
    const who = await use.findEnrolling.execute(visit.project, session, undefined)
    return use.startPasskey.execute(visit.project, who, { password: given(currentPassword), code: given(factorCode) }, visit.client)
  })

  route.post('/sign-out', { ...form, query: FlowQuery, body: PlainForm }, async (call) => {
    const visit = pages.visit(call)
    const session = await pages.session(visit)
    if (session !== null && !visit.isOurForm(call.body.formToken)) throw new AuthError('forbidden')
    return actions.signOut(visit, session)
  })

  route.get('/signed-out', { ...page, query: FlowQuery }, (call) => {
    const visit = pages.visit(call)
    const refusal = pages.refuse(visit)
    if (refusal) return refusal
    return visit.send(signedOutView(visit))
  })
}

const given = (text: string | undefined): string | undefined => (text === undefined || text === '' ? undefined : text)
