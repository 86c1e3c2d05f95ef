import { html, type SafeHtml } from '@portico/http/html-page'
import { isOutsideProvider } from '@portico/kernel/settings/providers'
import { captchaScript, captchaWidget } from '../look/captcha.js'
import { alert, button, divider, field, hidden } from '../look/controls.js'
import type { Content } from '../look/frame.js'
import { KEY_ICON, MAIL_ICON, providerIcon } from '../look/icons.js'
import { providerName } from '../provider-names.js'
import type { Visit } from './visit.js'

export interface SignInState {
  passkeys: boolean
  email?: string
  problem?: string | null
  note?: string | null
  wrong?: { email?: string; password?: string }
  status?: number
}

/** Every way in that the project has on, the quickest first. */
export function signInView(
  visit: Visit, { passkeys, email = '', problem = null, note = null, wrong = {}, status = 200 }: SignInState,
): Content {
  const { say, project } = visit
  const { providers } = project.settings
  const outside = providers.filter(isOutsideProvider)
  const own = ownForm(visit, email, wrong)
  const quick = [
    ...outside.map((provider) => providerLink(visit, provider)),
    passkeys && providers.includes('passkey') ? passkeyForm(visit, say('sign_in.passkey'), visit.to('/sign-in'), true) : null,
  ].filter((part) => part !== null)
  const silent = passkeys && !providers.includes('passkey') ? passkeyForm(visit, say('sign_in.passkey'), visit.to('/sign-in'), true) : null
  return {
    title: say('sign_in.title', { name: visit.name }),
    lead: say('sign_in.lead'),
    status,
    ...captchaScript(project),
    body: html`${alert(note, 'good')}${alert(problem)}
${quick.length === 0 ? null : html`<div class="stack">${quick}</div>`}
${quick.length > 0 && own !== null ? divider(say('or')) : null}
${own}${silent === null ? null : html`${divider(say('or'))}${silent}`}
${project.settings.allow_signups && !project.settings.invited_only && own !== null ? html`<p class="foot">${say('sign_in.no_account')} <a href="${visit.to('/sign-up')}">${say('sign_in.sign_up')}</a></p>` : null}
${own === null && quick.length === 0 ? html`<p>${say('sign_in.nothing')}</p>` : null}
${passkeys ? html`<p class="alert" role="alert" id="passkey-wrong" data-text="${say('error.passkey_failed')}" hidden></p>` : null}`,
  }
}

function ownForm(visit: Visit, email: string, wrong: { email?: string; password?: string }): SafeHtml | null {
  const { say } = visit
  const { providers } = visit.project.settings
  const password = providers.includes('email')
  const mailed = providers.includes('email_otp') || providers.includes('magic_link')
  if (!password && !mailed) return null
  const passwordFirst = password && email !== '' && wrong.email === undefined
  const mailButton = mailed
    ? button({
        label: say(providers.includes('email_otp') ? 'sign_in.mail_code' : 'sign_in.mail_link'),
        intent: 'mail',
        icon: MAIL_ICON,
        ...(password ? { look: 'quiet' as const, unchecked: true } : {}),
      })
    : null
  return html`<form method="post" action="${visit.to('/sign-in')}">${hidden('form_token', visit.browser.formToken)}
${emailField(visit, { value: email, wrong: wrong.email, focus: !passwordFirst })}
${password ? passwordField(visit, wrong.password, passwordFirst) : null}
${captchaWidget(visit.project, visit.words)}<div class="stack">${password ? button({ label: say('sign_in.button'), intent: 'password' }) : null}${mailButton}</div></form>`
}

export function emailField({ say }: Visit, state: { value: string; wrong?: string | undefined; focus: boolean }): SafeHtml {
  return field({ name: 'email', label: say('field.email'), type: 'email', autocomplete: 'username webauthn', inputMode: 'email', ...state })
}

function passwordField(visit: Visit, wrong: string | undefined, focus: boolean): SafeHtml {
  const { say } = visit
  const beside = html`<a href="${visit.to('/forgot')}">${say('sign_in.forgot')}</a>`
  const autocomplete = 'current-password webauthn'
  return field({ name: 'password', label: say('field.password'), type: 'password', autocomplete, wrong, focus, beside })
}

/** A link and no form: it changes nothing, and the policy for forms stays as narrow as the app's address. */
export function providerLink(visit: Visit, provider: string): SafeHtml {
  const label = visit.say('sign_in.with', { provider: providerName(provider) })
  return html`<a class="button quiet" href="${visit.to(`/sign-in/${encodeURIComponent(provider)}`)}">${providerIcon(provider)}${label}</a>`
}

/** Shown by the script alone: nothing else can ask for a passkey. */
export function passkeyForm(visit: Visit, label: string, action: string, auto: boolean, ask?: Record<string, string>): SafeHtml {
  const asks = [auto ? html` data-auto="1"` : null, ask ? html` data-ask="${JSON.stringify(ask)}"` : null]
  const said = ask ? Object.entries(ask).map(([name, value]) => hidden(name, value)) : hidden('intent', 'passkey')
  return html`<form method="post" action="${action}" hidden data-options="${visit.base}/webauthn/authenticate/options"${asks}>
${hidden('form_token', visit.browser.formToken)}${said}${hidden('credential', '')}
${button({ label, look: 'quiet', icon: KEY_ICON })}</form>`
}

export function codeField(name: string, label: string, wrong: string | null, focus: boolean): SafeHtml {
  return field({ name, label, autocomplete: 'one-time-code', inputMode: 'numeric', look: 'code', focus, wrong })
}

export interface InboxState {
  email: string
  problem?: string | null
  note?: string | null
  status?: number
}

/** A mail is on its way, or is not: the page says the same for every address. */
export function inboxView(visit: Visit, { email, problem = null, note = null, status = 200 }: InboxState): Content {
  const { say } = visit
  const { providers } = visit.project.settings
  const [code, link] = [providers.includes('email_otp'), providers.includes('magic_link')]
  const key = code && link ? 'inbox.both' : code ? 'inbox.code' : 'inbox.link'
  const known = html`${hidden('form_token', visit.browser.formToken)}${hidden('email', email)}`
  const typed = html`<form method="post" action="${visit.to('/code')}">${known}
${codeField('code', say('code.label'), problem, true)}
${button({ label: say('continue') })}</form>`
  return {
    title: say('inbox.title'),
    lead: say(key, { email }),
    status,
    body: html`${alert(note, 'good')}${code ? typed : alert(problem)}
<form method="post" action="${visit.to('/code')}" class="foot">${known}
${button({ label: say('inbox.again'), intent: 'again', look: 'plain' })} · <a href="${visit.to('/sign-in')}">${say('inbox.other')}</a></form>`,
  }
}

export interface SecondFactorState {
  mfaToken: string
  passkey: boolean
  code: boolean
  recovery: boolean
  problem?: string | null
  status?: number
}

export function secondFactorView(visit: Visit, state: SecondFactorState): Content {
  const { say } = visit
  const { mfaToken, problem = null, status = 200 } = state
  const { recovery: lost } = state
  const typed = codeField('code', say('mfa.code'), lost ? null : problem, !lost)
  const kept = field({
    name: 'code', id: 'recovery-code', label: say('mfa.recovery_code'), autocomplete: 'off', wrong: lost ? problem : null, focus: lost,
  })
  const form = (intent: 'code' | 'recovery') => html`<form method="post" action="${visit.to('/mfa')}">
${hidden('form_token', visit.browser.formToken)}${hidden('mfa_token', mfaToken)}${hidden('intent', intent)}
${intent === 'code' ? typed : kept}${button({ label: say('mfa.button') })}</form>`
  return {
    title: say('mfa.title'),
    lead: say(state.code ? 'mfa.lead' : 'mfa.lead_passkey'),
    status,
    body: html`${state.passkey ? passkeyForm(visit, say('mfa.passkey'), visit.to('/mfa'), false, { mfa_token: mfaToken }) : null}
${state.passkey && state.code ? divider(say('or')) : null}
${state.code ? form('code') : null}
<p class="alert" role="alert" id="passkey-wrong" data-text="${say('error.passkey_failed')}" hidden></p>
<details class="foot"${lost ? html` open` : null}><summary>${say('mfa.recovery')}</summary>${form('recovery')}</details>`,
  }
}
