import { toAuthError } from '@portico/http/error-answer'
import type { FastifyInstance } from 'fastify'
import { projectRoutes } from '../../project/project-routes.js'
import { refusalText, weakPasswordText } from '../words/refusals.js'
import { ConfirmForm, FlowQuery, ForgotForm, SignUpForm } from './hosted.body.js'
import type { HostedPages } from './hosted-pages.js'
import { signInView } from './sign-in.view.js'
import { confirmView, forgotView, signUpView, type ConfirmState } from './sign-up.view.js'
import type { Visit } from './visit.js'

/** `{AUTH_URL}/sign-up`, what follows where addresses have to be confirmed, and `/forgot`. */
export function signUpRoutes(server: FastifyInstance, pages: HostedPages): void {
  const route = projectRoutes(server)
  const { use, finish } = pages
  const page = { access: 'public', ignoreUnknownQuery: true, onError: pages.onError } as const
  const form = { ...page, acceptsForm: true } as const

  route.get('/sign-up', { ...page, query: FlowQuery }, (call) => {
    const visit = pages.visit(call)
    return pages.refuse(visit) ?? visit.send(signUpView(visit, { email: visit.flow.loginHint }))
  })

  route.post('/sign-up', { ...form, query: FlowQuery, limit: 'signup_client', body: SignUpForm }, async (call) => {
    const visit = pages.visit(call)
    const refusal = pages.refuse(visit)
    if (refusal) return refusal
    const { email = '', password = '', formToken } = call.body
    if (!visit.isOurForm(formToken)) return visit.send(signUpView(visit, { email, problem: visit.say('error.form_expired'), status: 403 }))
    const required = visit.say('error.required')
    const wrong = { ...(email.trim() === '' ? { email: required } : {}), ...(password === '' ? { password: required } : {}) }
    if (Object.keys(wrong).length > 0) return visit.send(signUpView(visit, { email, wrong, status: 422 }))
    try {
      await pages.checkCaptcha(visit, call.body)
      // Whoever confirms in this browser shows by its cookie that the password is their own.
      const codeChallenge = visit.browser.challenge(`sign-up ${email.trim().toLowerCase()}`)
      const { deviceToken, words, chosenLocale } = visit
      const metadata = chosenLocale === null ? {} : { locale: chosenLocale }
      const typed = { email, password, codeChallenge, deviceToken, metadata, askedIn: words.locale }
      const result = await use.signUp.execute(visit.project, typed, visit.client)
      if (result === null) return confirm(visit, { email })
      return await finish.execute(visit, result, await pages.passkeysAt(visit))
    } catch (thrown) {
      const { code, status, details } = pages.noted(visit, thrown)
      const [problem] = details ?? []
      if (code === 'email_taken') {
        const answered = await asBefore(visit, { email, password })
        if (answered) return answered
      }
      if (code === 'weak_password') {
        return visit.send(signUpView(visit, { email, wrong: { password: weakPasswordText(visit.words, problem?.code) }, status }))
      }
      if (code === 'validation_error' && problem?.field === 'email') {
        return visit.send(signUpView(visit, { email, wrong: { email: visit.say('error.email') }, status }))
      }
      return visit.send(signUpView(visit, { email, problem: refusalText(visit.words, code), status }))
    }
  })

  /** The code of the mail that confirms an address, typed where the sign-up was. */
  route.post('/sign-up/confirm', { ...form, query: FlowQuery, limit: 'token_client', body: ConfirmForm }, async (call) => {
    const visit = pages.visit(call)
    const refusal = pages.refuse(visit)
    if (refusal) return refusal
    const { email, code = '', intent = 'code', formToken } = call.body
    if (!visit.isOurForm(formToken)) return confirm(visit, { email, problem: visit.say('error.form_expired'), status: 403 })
    try {
      if (intent === 'again') {
        await pages.admitMail(visit)
        await use.resendConfirmation.execute(visit.project, { email, askedIn: visit.words.locale })
        return confirm(visit, { email, note: visit.say('confirm.resent') })
      }
      const codeVerifier = visit.browser.verifier(`sign-up ${email.trim().toLowerCase()}`)
      const proof = { email, code, codeVerifier }
      const strict = visit.project.settings.confirm_in_same_browser
      const { user, first, passwordRemoved } = await use.confirmSignUp.execute(
        visit.project, proof, visit.client, { strict, session: null },
      )
      // The password stayed because this browser showed that it chose it: with the code from the mail that is a sign-in.
      if (!first || passwordRemoved) return signIn(visit, passwordRemoved)
      const result = await use.startProven.execute(visit.project, { userId: user.id, amr: ['pwd', 'otp'] }, visit.client)
      return await finish.execute(visit, result, await pages.passkeysAt(visit))
    } catch (thrown) {
      const { code: reason, status } = pages.noted(visit, thrown)
      return confirm(
        visit, { email, problem: refusalText(visit.words, reason === 'invalid_or_expired_token' ? 'invalid_code' : reason), status },
      )
    }
  })

  route.get('/forgot', { ...page, query: FlowQuery }, (call) => {
    const visit = pages.visit(call)
    return pages.refuse(visit) ?? visit.send(forgotView(visit, { email: visit.flow.loginHint }))
  })

  route.post('/forgot', { ...form, query: FlowQuery, limit: 'reset_client', body: ForgotForm }, async (call) => {
    const visit = pages.visit(call)
    const refusal = pages.refuse(visit)
    if (refusal) return refusal
    const { email = '', formToken } = call.body
    if (!visit.isOurForm(formToken)) return visit.send(forgotView(visit, { email, problem: visit.say('error.form_expired'), status: 403 }))
    try {
      await pages.checkCaptcha(visit, call.body)
      await use.requestPasswordReset.execute(visit.project, { email, askedIn: visit.words.locale })
      return visit.send(forgotView(visit, { email, sent: true }), { again: null })
    } catch (thrown) {
      const { code, status } = toAuthError(pages.noted(visit, thrown))
      const wrong = code === 'validation_error' ? visit.say('error.email') : undefined
      return visit.send(forgotView(visit, { email, wrong, problem: wrong ? null : refusalText(visit.words, code), status }))
    }
  })

  /**
   * The second press of a browser without scripts finds the account that the first one made, and its answer is the one that the browser
   * shows. Whoever types the password of the account is signed in: no more than the sign-in page would do, with the same limits. `null`: it
   * is not theirs, and the page says that there is an account.
   */
  const asBefore = async (visit: Visit, { email, password }: { email: string; password: string }) => {
    try {
      const result = await use.logIn.execute(visit.project, { email, password, deviceToken: visit.deviceToken }, visit.client)
      visit.request.errorCode = null
      return await finish.execute(visit, result, await pages.passkeysAt(visit))
    } catch (thrown) {
      const { code } = toAuthError(thrown)
      if (code === 'email_not_confirmed') return confirm(visit, { email })
      if (code === 'invalid_credentials') return null
      throw thrown
    }
  }

  const signIn = async (visit: Visit, passwordRemoved: boolean) => {
    const note = visit.say(passwordRemoved ? 'link.password_removed' : 'link.email_confirm.done')
    return visit.send(signInView(visit, { passkeys: await pages.passkeysAt(visit), note }))
  }

  const confirm = (visit: Visit, state: ConfirmState) => visit.send(confirmView(visit, state), { again: null })
}
