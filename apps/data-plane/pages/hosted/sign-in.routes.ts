import { sendAway } from '@portico/http/send-away'
import { toAuthError } from '@portico/http/error-answer'
import { AuthError } from '@portico/kernel/auth-error'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { projectRoutes } from '../../project/project-routes.js'
import { refusalText } from '../words/refusals.js'
import { addressView, leaveForCompany, mustLeave } from './company-sign-in.js'
import { CodeForm, FlowQuery, ReturnQuery, SecondFactorForm, SignInForm, SignInQuery } from './hosted.body.js'
import { offered } from './finish-sign-in.js'
import { unconfirmedView } from './sign-up.view.js'
import type { HostedPages } from './hosted-pages.js'
import { readCredential } from './read-credential.js'
import { inboxView, secondFactorView, signInView, type InboxState, type SignInState } from './sign-in.view.js'
import type { Visit } from './visit.js'

/** `{AUTH_URL}/sign-in`: an app sends its user here and gets a one-time code back. The same use cases as the JSON routes. */
export function signInRoutes(server: FastifyInstance, pages: HostedPages): void {
  const route = projectRoutes(server)
  const { use, finish } = pages
  const page = { access: 'public', ignoreUnknownQuery: true, onError: pages.onError } as const
  const form = { ...page, acceptsForm: true } as const

  route.get('/sign-in', { ...page, query: SignInQuery }, async (call) => {
    const visit = pages.visit(call)
    const refusal = pages.refuse(visit)
    if (refusal) return refusal
    const email = visit.flow.loginHint
    if (call.query.ways === 'all' || !(await use.discoverSso.isOffered(visit.project))) return show(visit, { email })
    // Nothing else would let them in, so there is nothing to ask.
    const away = (await mustLeave(pages, visit, email)) ? await leaveForCompany(pages, visit, email) : null
    return away ?? visit.send(addressView(visit, { email }))
  })

  route.post('/sign-in', { ...form, query: FlowQuery, body: SignInForm }, async (call) => {
    const visit = pages.visit(call)
    const refusal = pages.refuse(visit)
    if (refusal) return refusal
    const { email = '', password = '', credential = '', intent = 'password', formToken } = call.body
    if (!visit.isOurForm(formToken)) return show(visit, { email, problem: visit.say('error.form_expired'), status: 403 })
    if (intent === 'address') return byAddress(visit, email)
    if (intent === 'mail') return askForMail(visit, email, { captcha: call.body })
    if (intent === 'passkey') return withPasskey(visit, credential)
    const wrong = {
      ...(email.trim() === '' ? { email: visit.say('error.required') } : {}),
      ...(password === '' ? { password: visit.say('error.required') } : {}),
    }
    if (Object.keys(wrong).length > 0) return show(visit, { email, wrong, status: 422 })
    try {
      await pages.checkCaptcha(visit, call.body)
      const result = await use.logIn.execute(visit.project, { email, password, deviceToken: visit.deviceToken }, visit.client)
      return await finish.execute(visit, result, await pages.passkeysAt(visit))
    } catch (thrown) {
      const away = toAuthError(thrown).code === 'sso_required' ? await leaveForCompany(pages, visit, email) : null
      if (away) return away
      const state = { email, ...mistake(visit, thrown) }
      // The password was right: what is missing is the mail, which is offered once more.
      if (visit.request.errorCode === 'email_not_confirmed') return visit.send(unconfirmedView(visit, state), { again: null })
      return show(visit, state)
    }
  })

  /** Off to a provider, with our own proof key: the browser comes back here, so that a second step can follow. */
  route.get('/sign-in/:provider', { ...page, query: FlowQuery, limit: 'oauth_client' }, async (call) => {
    const visit = pages.visit(call)
    const refusal = pages.refuse(visit)
    if (refusal) return refusal
    const { project, request, reply, client } = visit
    const asked = { redirectTo: visit.returnUrl, codeChallenge: visit.browser.challenge(visit.about) }
    const elsewhere = pages.elsewhere(request, project)
    if (elsewhere !== null) {
      const query = new URLSearchParams({ redirect_to: asked.redirectTo, code_challenge: asked.codeChallenge })
      return sendAway(reply, `${pages.urls.oauthStart(project, call.params.provider)}?${query}`)
    }
    const started = await use.startOAuth.execute(project, call.params.provider, asked, client)
    if ('refusal' in started) return show(visit, { problem: refusedBy(visit, started.refusal.code), status: 400 })
    pages.flowCookie.set(reply, started.state, started.browserSecret, started.crossSitePost)
    return sendAway(reply, started.url.href)
  })

  /** Back from a provider or a mailed link. */
  route.get('/sign-in/return', { ...page, query: ReturnQuery, limit: 'token_client' }, async (call) => {
    const visit = pages.visit(call)
    const refusal = pages.refuse(visit)
    if (refusal) return refusal
    const { code, error } = call.query
    if (error !== undefined || code === undefined) return show(visit, { problem: refusedBy(visit, error), status: 400 })
    const { project, client } = visit
    try {
      const codeVerifier = visit.browser.verifier(visit.about)
      const result = await use.redeemExchangeCode.execute(project, { code, codeVerifier }, client)
      return await finish.execute(visit, result, await pages.passkeysAt(visit))
    } catch (thrown) {
      const refused = toAuthError(thrown)
      if (refused.code !== 'invalid_or_expired_token') throw thrown
      return show(visit, { problem: visit.say('error.lost'), status: 400 })
    }
  })

  route.post('/code', { ...form, query: FlowQuery, limit: 'token_client', body: CodeForm }, async (call) => {
    const visit = pages.visit(call)
    const refusal = pages.refuse(visit)
    if (refusal) return refusal
    const { email, code = '', intent = 'code', formToken } = call.body
    if (!visit.isOurForm(formToken)) return inbox(visit, { email, problem: visit.say('error.form_expired'), status: 403 })
    if (intent === 'again') return askForMail(visit, email, { again: true })
    try {
      const result = await use.verifyEmailCode.execute(visit.project, { email, code }, visit.client)
      return await finish.execute(visit, result, await pages.passkeysAt(visit))
    } catch (thrown) {
      const { code: reason, status } = pages.noted(visit, thrown)
      const problem = refusalText(visit.words, reason === 'invalid_or_expired_token' ? 'invalid_code' : reason)
      return inbox(visit, { email, problem, status })
    }
  })

  route.post('/mfa', { ...form, query: FlowQuery, limit: 'factor_client', body: SecondFactorForm }, async (call) => {
    const visit = pages.visit(call)
    const refusal = pages.refuse(visit)
    if (refusal) return refusal
    const { mfaToken, code, credential = '', intent = 'code', formToken } = call.body
    if (!visit.isOurForm(formToken)) return show(visit, { problem: visit.say('error.form_expired'), status: 403 })
    const assertion = readCredential(credential)
    const proof = assertion === null ? { code: code ?? '' } : { assertion }
    try {
      return await finish.leave(visit, await use.verifySecondFactor.execute(visit.project, { mfaToken, proof }, visit.client))
    } catch (thrown) {
      const refused = pages.noted(visit, thrown)
      const { status } = refused
      if (refused.code === 'invalid_or_expired_token') return show(visit, { problem: visit.say('error.mfa_expired'), status })
      const types = await use.offeredFactors.execute(visit.project, mfaToken)
      const state = { ...offered(mfaToken, types, await pages.passkeysAt(visit)), recovery: intent === 'recovery' }
      const problem = refusalText(visit.words, refused.code)
      return visit.send(secondFactorView(visit, { ...state, problem, status }), { again: null })
    }
  })

  async function byAddress(visit: Visit, email: string): Promise<FastifyReply> {
    try {
      return (await leaveForCompany(pages, visit, email)) ?? show(visit, { email })
    } catch (thrown) {
      const { code, details } = pages.noted(visit, thrown)
      if (code !== 'validation_error' || details?.[0]?.field !== 'email') return show(visit, { email, ...mistake(visit, thrown) })
      return visit.send(addressView(visit, { email, wrong: visit.say('error.email') }))
    }
  }

  async function askForMail(
    visit: Visit, email: string, { again = false, captcha }: { again?: boolean; captcha?: SignInForm },
  ): Promise<FastifyReply> {
    const { project, browser } = visit
    const askedIn = visit.words.locale
    const { providers } = project.settings
    if (email.trim() === '') return show(visit, { wrong: { email: visit.say('error.required') }, status: 422 })
    try {
      // Once more: the form before this one was looked at.
      if (captcha) await pages.checkCaptcha(visit, captcha)
      await pages.admitMail(visit)
      if (providers.includes('magic_link')) {
        const own = { redirectTo: visit.returnUrl, codeChallenge: browser.challenge(visit.about) }
        await use.requestSignInMail.execute(project, 'magic_link', { email, ...own, askedIn })
      } else {
        await use.requestSignInMail.execute(project, 'email_otp', { email, askedIn })
      }
    } catch (thrown) {
      return show(visit, { email, ...mistake(visit, thrown) })
    }
    return inbox(visit, { email, note: again ? visit.say('inbox.sent_again') : null })
  }

  async function withPasskey(visit: Visit, credential: string): Promise<FastifyReply> {
    try {
      const assertion = readCredential(credential)
      if (assertion === null) throw new AuthError('passkey_refused')
      return await finish.execute(visit, await use.signInWithPasskey.execute(visit.project, assertion, visit.client), true)
    } catch (thrown) {
      return show(visit, mistake(visit, thrown))
    }
  }

  const inbox = (visit: Visit, state: InboxState) => visit.send(inboxView(visit, state), { again: null })

  async function show(visit: Visit, state: Omit<SignInState, 'passkeys'>): Promise<FastifyReply> {
    return visit.send(signInView(visit, { passkeys: await pages.passkeysAt(visit), ...state }))
  }

  /** Beside the field where one is at fault, else above the form. */
  function mistake(visit: Visit, thrown: unknown): Pick<SignInState, 'problem' | 'wrong' | 'status'> {
    const { code, status, details } = pages.noted(visit, thrown)
    if (code === 'validation_error' && details?.[0]?.field === 'email') return { wrong: { email: visit.say('error.email') }, status }
    return { problem: refusalText(visit.words, code), status }
  }

  function refusedBy(visit: Visit, error: string | undefined): string {
    if (error === 'access_denied') return visit.say('error.provider_denied')
    return visit.say(error === 'identity_not_linked' ? 'error.identity_not_linked' : 'error.provider')
  }
}
