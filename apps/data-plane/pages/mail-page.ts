import { ASKS_NOTHING, type AskedProof } from '@portico/end-user/steps/asked-proof'
import { html, type HtmlPage, type SafeHtml } from '@portico/http/html-page'
import { MAIL_PAGES, type MailPagePurpose } from './mail-purpose.js'
import { providerName } from './provider-names.js'

/** What every page says of the project. */
export interface PageProject {
  name: string
  settings: { site_url: string | null; password_min_length: number }
}

export interface AskOptions {
  asked?: AskedProof
  problem?: { status: number; message: string }
}

/** The page behind a mailed link: says what will happen and has the buttons that make it happen. Works without scripts. */
export function askPage(
  purpose: MailPagePurpose,
  project: PageProject,
  token: string,
  { asked = ASKS_NOTHING, problem }: AskOptions = {},
): HtmlPage {
  const page = MAIL_PAGES[purpose]
  return {
    title: `${page.title} · ${project.name}`,
    status: problem?.status ?? 200,
    body: html`<h1>${page.title}</h1>
      <p>${project.name}${asked.address === null ? null : html`: <strong>${asked.address}</strong>`}</p>
      ${problem ? html`<p role="alert"><strong>${problem.message}</strong></p>` : null}
      <p>${page.lead}</p>
      ${choices(purpose, project, token, asked)}`,
    // The provider's address is only known when the button is pressed; it is one that the operator configured.
    formsLeadAnywhere: asked.providers.length > 0,
  }
}

function choices(purpose: MailPagePurpose, project: PageProject, token: string, asked: AskedProof): SafeHtml {
  const { button } = MAIL_PAGES[purpose]
  switch (purpose) {
    case 'password_reset': {
      const field = html`<label
        >New password
        <input
          type="password"
          name="password"
          autocomplete="new-password"
          required
          minlength="${project.settings.password_min_length}"
          autofocus
      /></label>`
      return form(purpose, token, field, button)
    }
    case 'email_confirm':
      return confirmation(token, asked, button)
    case 'email_change':
      return change(project, token, asked, button)
    case 'email_change_undo':
      return form(purpose, token, null, button)
  }
}

function confirmation(token: string, asked: AskedProof, button: string): SafeHtml {
  const names = asked.providers.map(providerName).join(' or ')
  if (asked.password) {
    const others =
      asked.providers.length === 0
        ? null
        : html`<p>Or show with ${names} that the account is yours. The password is removed then.</p>
            ${providerForms('email_confirm', token, asked)}`
    return html`${form('email_confirm', token, [passwordField('The password you chose when you signed up'), factorField(asked, false)], button)}
      ${others}
      <p>
        If you do not know the password, ask for a new one in the app: that confirms the address too. If you did not sign up, close this
        page.
      </p>`
  }
  if (asked.providers.length === 0) return form('email_confirm', token, null, button)
  return html`<p>Somebody used this address to sign in with ${names}. Was that you?</p>
${providerForms('email_confirm', token, asked, 'That was me: continue with')}
<p>If it was not you, or you want to keep the address without ${names}: this takes ${names} off the account and signs everybody out.</p>
${form('email_confirm', token, null, `Confirm without ${names}`, 'plain')}`
}

function change(project: PageProject, token: string, asked: AskedProof, button: string): SafeHtml {
  // Of a link that is no good nothing is known: the button says so.
  if (asked.address === null) return form('email_change', token, null, button)
  const site = project.settings.site_url
  const app = site === null ? html`the app` : html`<a href="${site}" rel="noreferrer">${project.name}</a>`
  const password = asked.password
    ? form('email_change', token, [passwordField('The password of your account'), factorField(asked, true)], button)
    : null
  const provider = asked.providers.length === 0 ? null : html`${asked.password ? html`<p>Or show with your provider that the account is yours:</p>` : html`<p>Show that the account is yours:</p>`}
${providerForms('email_change', token, asked)}`
  const elsewhere =
    asked.password || provider !== null ? 'Or confirm the change in' : 'Your account has no password to ask for here. Confirm the change in'
  return html`${password}
${provider}
<p>${elsewhere} ${app}, in the browser where you are signed in. If you did not ask for this change, close the page.</p>`
}

function form(
  purpose: MailPagePurpose,
  token: string,
  fields: SafeHtml | readonly (SafeHtml | null)[] | null,
  button: string,
  look: 'main' | 'plain' = 'main',
): SafeHtml {
  return html`<form method="post" action="${purpose}">
    <input type="hidden" name="token" value="${token}" />
    ${fields}
    <button type="submit" ${look === 'plain' ? html` class="plain"` : null}>${button}</button>
  </form>`
}

function providerForms(purpose: MailPagePurpose, token: string, asked: AskedProof, words = 'Continue with'): SafeHtml {
  return html`${asked.providers.map(
    (provider) => html`<form method="post" action="${purpose}/${provider}">
<input type="hidden" name="token" value="${token}">
<p><button type="submit">${words} ${providerName(provider)}</button></p>
</form>`,
  )}`
}

const passwordField = (label: string) => html`<label>${label}
<input type="password" name="password" autocomplete="current-password" required autofocus></label>`

function factorField(asked: AskedProof, required: boolean): SafeHtml | null {
  if (!asked.factor) return null
  return html`<label
    >The code of your authenticator app, or a recovery code${required ? null : ' (without one, your second factor is removed)'}
    <input type="text" name="factor_code" autocomplete="one-time-code" inputmode="text" maxlength="64" ${required ? html` required` : null}
  /></label>`
}

export function donePage(purpose: MailPagePurpose, project: PageProject, done: string = MAIL_PAGES[purpose].done): HtmlPage {
  return {
    title: `Done · ${project.name}`,
    body: html`<h1>Done</h1>
<p role="status">${done}</p>
${wayBack(project)}`,
  }
}

export function failedPage(project: PageProject, message: string, status: number): HtmlPage {
  return {
    title: `This did not work · ${project.name}`,
    status,
    body: html`<h1>This did not work</h1>
<p role="alert">${message}</p>
<p>Ask for a new mail in the app and use the link in it.</p>
${wayBack(project)}`,
  }
}

export function wayBack({ name, settings }: PageProject): SafeHtml | null {
  return settings.site_url === null ? null : html`<p><a href="${settings.site_url}" rel="noreferrer">Back to ${name}</a></p>`
}
