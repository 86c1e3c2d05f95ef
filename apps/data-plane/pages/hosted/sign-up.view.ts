import { html } from '@portico/http/html-page'
import { isOutsideProvider } from '@portico/kernel/settings/providers'
import { captchaScript, captchaWidget } from '../look/captcha.js'
import { alert, button, divider, field, hidden } from '../look/controls.js'
import type { Content } from '../look/frame.js'
import { newPasswordField } from '../mail-page.js'
import { codeField, providerLink } from './sign-in.view.js'
import type { Visit } from './visit.js'

export interface SignUpState {
  email: string
  problem?: string | null
  wrong?: { email?: string; password?: string }
  status?: number
}

/** A password, or whatever else the project has on; who is not let in is told where the invited ones go. */
export function signUpView(visit: Visit, { email, problem = null, wrong = {}, status = 200 }: SignUpState): Content {
  const { say, project } = visit
  const { providers, password_min_length: minLength, allow_signups: open, invited_only: invitedOnly } = project.settings
  const haveAccount = html`<p class="foot">${say('sign_up.have_account')} <a href="${visit.to('/sign-in')}">${say('sign_in.here')}</a></p>`
  const title = say('sign_up.title')
  if (!open || invitedOnly) return { title, status: 403, body: html`${alert(say('error.sign_up_off'))}${haveAccount}` }
  const outside = providers.filter(isOutsideProvider)
  const withPassword = providers.includes('email')
  const mailed = providers.includes('email_otp') || providers.includes('magic_link')
  const passwordFirst = wrong.password !== undefined && wrong.email === undefined
  const emailPart = field({
    name: 'email', label: say('field.email'), type: 'email', autocomplete: 'username', inputMode: 'email', value: email, wrong: wrong.email,
    focus: !passwordFirst,
  })
  const passwordPart = newPasswordField(visit, say('field.password'), minLength, { wrong: wrong.password ?? null, focus: passwordFirst })
  const password = html`<form method="post" action="${visit.to('/sign-up')}">${hidden('form_token', visit.browser.formToken)}
${emailPart}${passwordPart}${captchaWidget(project, visit.words)}${button({ label: say('sign_up.button') })}</form>`
  // A mailed code or link makes the account too: the same as signing in.
  const byMail = html`<form method="post" action="${visit.to('/sign-in')}">${hidden('form_token', visit.browser.formToken)}
${emailPart}${captchaWidget(project, visit.words)}${button({ label: say('continue'), intent: 'mail' })}</form>`
  const own = withPassword ? password : mailed ? byMail : null
  const links = outside.map((provider) => providerLink(visit, provider))
  return {
    title,
    lead: say('sign_up.lead', { name: visit.name }),
    status,
    ...captchaScript(project),
    body: html`${alert(problem)}
${links.length === 0 ? null : html`<div class="stack">${links}</div>`}
${links.length > 0 && own !== null ? divider(say('or')) : null}${own}
${haveAccount}`,
  }
}

export interface ConfirmState {
  email: string
  problem?: string | null
  note?: string | null
  status?: number
}

/** The same for an address that has an account: its owner gets a mail that says so. */
export function confirmView(visit: Visit, { email, problem = null, note = null, status = 200 }: ConfirmState): Content {
  const { say } = visit
  const action = visit.to('/sign-up/confirm')
  const known = html`${hidden('form_token', visit.browser.formToken)}${hidden('email', email)}`
  return {
    title: say('sign_up.confirm_title'),
    lead: say('sign_up.confirm_lead', { email }),
    status,
    body: html`${alert(note, 'good')}<form method="post" action="${action}">${known}
${codeField('code', say('code.label'), problem, true)}${button({ label: say('continue') })}</form>
<form method="post" action="${action}" class="foot">${known}
${button({ label: say('confirm.resend'), intent: 'again', look: 'plain' })} · <a href="${visit.to('/sign-in')}">${say('sign_in.here')}</a></form>`,
  }
}

/** Signed in with the right password, before the address was confirmed. */
export function unconfirmedView(visit: Visit, { email, problem = null, status = 200 }: ConfirmState): Content {
  const { say } = visit
  return {
    title: say('sign_up.confirm_title'),
    status,
    body: html`${alert(problem)}<form method="post" action="${visit.to('/sign-up/confirm')}">
${hidden('form_token', visit.browser.formToken)}${hidden('email', email)}${button({ label: say('confirm.resend'), intent: 'again' })}</form>
<p class="foot"><a href="${visit.to('/sign-in')}">${say('back')}</a></p>`,
  }
}

export interface ForgotState {
  email: string
  sent?: boolean
  problem?: string | null
  wrong?: string | undefined
  status?: number
}

/** Says the same for every address. */
export function forgotView(visit: Visit, { email, sent = false, problem = null, wrong, status = 200 }: ForgotState): Content {
  const { say } = visit
  const back = html`<p class="foot"><a href="${visit.to('/sign-in')}">${say('back')}</a></p>`
  if (sent) return { title: say('inbox.title'), body: html`<p role="status">${say('forgot.sent', { email })}</p>${back}` }
  const emailPart = field({
    name: 'email', label: say('field.email'), type: 'email', autocomplete: 'username', inputMode: 'email', value: email, wrong, focus: true,
  })
  return {
    title: say('forgot.title'),
    lead: say('forgot.lead'),
    status,
    ...captchaScript(visit.project),
    body: html`${alert(problem)}<form method="post" action="${visit.to('/forgot')}">${hidden('form_token', visit.browser.formToken)}
${emailPart}${captchaWidget(visit.project, visit.words)}${button({ label: say('forgot.button') })}</form>${back}`,
  }
}
