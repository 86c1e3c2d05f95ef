import { ASKS_NOTHING, type AskedProof } from '@portico/end-user/steps/asked-proof'
import { html, type SafeHtml } from '@portico/http/html-page'
import type { Visit } from './hosted/visit.js'
import { alert, button, field, hidden } from './look/controls.js'
import type { Content } from './look/frame.js'
import { CHECK_ICON, CROSS_ICON, providerIcon } from './look/icons.js'
import type { MailPagePurpose } from './mail-purpose.js'
import { providerName } from './provider-names.js'

export interface AskOptions {
  asked?: AskedProof
  problem?: { status: number; message: string }
}

/** The page behind a mailed link: says what will happen and has the buttons that make it happen. Works without scripts. */
export function askPage(
  visit: Visit, purpose: MailPagePurpose, token: string, { asked = ASKS_NOTHING, problem }: AskOptions = {},
): Content {
  const { say, name } = visit
  return {
    title: say(`link.${purpose}.title`),
    lead: asked.address === null ? null : say('link.for', { name, email: asked.address }),
    status: problem?.status ?? 200,
    body: html`${alert(problem?.message)}
<p>${say(`link.${purpose}.lead`)}</p>
${choices(visit, purpose, token, asked)}`,
    // The provider's address is only known when the button is pressed; it is one that the operator configured.
    formsLeadAnywhere: asked.providers.length > 0,
  }
}

function choices(visit: Visit, purpose: MailPagePurpose, token: string, asked: AskedProof): SafeHtml {
  const { say, project } = visit
  const label = say(`link.${purpose}.button`)
  switch (purpose) {
    case 'password_reset':
      return form(visit, purpose, token, newPasswordField(visit, say('field.new_password'), project.settings.password_min_length), label)
    case 'email_confirm':
      return confirmation(visit, token, asked, label)
    case 'email_change':
      return change(visit, token, asked, label)
    case 'email_change_undo':
    case 'account_recovery':
    case 'device_report':
      return form(visit, purpose, token, null, label)
  }
}

export function newPasswordField(
  { say }: Visit, label: string, minLength: number, state: { wrong?: string | null; focus?: boolean } = {},
): SafeHtml {
  const { wrong = null, focus = true } = state
  const hint = say('field.password_hint', { count: minLength })
  return field({ name: 'password', label, type: 'password', autocomplete: 'new-password', minLength, hint, wrong, focus })
}

function confirmation(visit: Visit, token: string, asked: AskedProof, label: string): SafeHtml {
  const { say } = visit
  const providers = visit.words.list(asked.providers.map(providerName))
  if (asked.password) {
    const others =
      asked.providers.length === 0
        ? null
        : html`<p class="foot">${say('confirm.or_provider', { providers })}</p>
${providerForms(visit, 'email_confirm', token, asked)}`
    const fields = [passwordField(say('confirm.password')), factorField(visit, asked, false)]
    return html`${form(visit, 'email_confirm', token, fields, label)}
${others}
<p class="foot">${say('confirm.forgot')}</p>`
  }
  if (asked.providers.length === 0) return form(visit, 'email_confirm', token, null, label)
  return html`<p>${say('confirm.was_it_you', { providers })}</p>
${providerForms(visit, 'email_confirm', token, asked, 'confirm.was_me')}
<p class="foot">${say('confirm.not_me', { providers })}</p>
${form(visit, 'email_confirm', token, null, say('confirm.without', { providers }), 'quiet')}`
}

function change(visit: Visit, token: string, asked: AskedProof, label: string): SafeHtml {
  const { say, name } = visit
  // Of a link that is no good nothing is known: the button says so.
  if (asked.address === null) return form(visit, 'email_change', token, null, label)
  const password = asked.password
    ? form(visit, 'email_change', token, [passwordField(say('change.password')), factorField(visit, asked, true)], label)
    : null
  const provider = asked.providers.length === 0 ? null : html`<p>${say(asked.password ? 'change.or_provider' : 'change.provider')}</p>
${providerForms(visit, 'email_change', token, asked)}`
  const elsewhere = say(asked.password || provider !== null ? 'change.elsewhere' : 'change.no_password', { name })
  return html`${password}
${provider}
<p class="foot">${elsewhere}</p>`
}

function form(
  visit: Visit,
  purpose: MailPagePurpose,
  token: string,
  fields: SafeHtml | readonly (SafeHtml | null)[] | null,
  label: string,
  look?: 'quiet',
): SafeHtml {
  return html`<form method="post" action="${purpose}${visit.localeQuery}">${hidden('token', token)}
${fields}
${button({ label, ...(look && { look }) })}</form>`
}

type ProviderWords = 'sign_in.with' | 'confirm.was_me'

function providerForms(
  visit: Visit, purpose: MailPagePurpose, token: string, asked: AskedProof, words: ProviderWords = 'sign_in.with',
): SafeHtml {
  return html`<div class="stack">${asked.providers.map(
    (provider) => html`<form method="post" action="${purpose}/${provider}${visit.localeQuery}">${hidden('token', token)}
${button({ label: visit.say(words, { provider: providerName(provider) }), look: 'quiet', icon: providerIcon(provider) })}</form>`,
  )}</div>`
}

const passwordField = (label: string) => field({ name: 'password', label, type: 'password', autocomplete: 'current-password', focus: true })

function factorField({ say }: Visit, asked: AskedProof, required: boolean): SafeHtml | null {
  if (!asked.factor) return null
  const hint = required ? undefined : say('factor.optional')
  return field({ name: 'factor_code', label: say('factor.label'), autocomplete: 'one-time-code', required, hint })
}

export const goodFace = html`<div class="face">${CHECK_ICON}</div>`
export const badFace = html`<div class="face bad">${CROSS_ICON}</div>`

export function donePage(visit: Visit, done: string): Content {
  return { title: visit.say('done'), body: html`<p role="status">${done}</p>${wayOn(visit)}`, face: goodFace }
}

export function failedPage(visit: Visit, message: string, status: number, next: SafeHtml | null = null): Content {
  const { say } = visit
  return {
    title: say('error.title'),
    status,
    face: badFace,
    body: html`<p role="alert">${message}</p>
${next ?? html`<p>${say('error.new_link')}</p>`}
${wayOn(visit)}`,
  }
}

/** Back to the app, or to our own sign-in page where nobody said where the app is. */
export function wayOn({ say, base, project, localeQuery, name }: Visit): SafeHtml | null {
  const { site_url: site, sign_in_gate: gate } = project.settings
  if (site !== null) return html`<p><a class="button" href="${site}" rel="noreferrer">${say('back_to', { name })}</a></p>`
  return gate === 'disabled' ? null : html`<p><a class="button" href="${base}/sign-in${localeQuery}">${say('sign_in.here')}</a></p>`
}
