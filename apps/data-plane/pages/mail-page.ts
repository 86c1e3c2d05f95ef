import { html, type HtmlPage, type SafeHtml } from '@portico/http/html-page'
import { MAIL_PAGES, type MailPagePurpose } from './mail-purpose.js'

/** What the page asks for beside the button: a click alone could be a scanner's, or a stranger's whom somebody signed up. */
export interface AskedProof {
  password: boolean
  /** A code of the authenticator app, or a recovery code. */
  factor: boolean
}

export const ASKS_NOTHING: AskedProof = { password: false, factor: false }

export interface AskOptions {
  asked?: AskedProof
  problem?: { status: number; message: string }
}

/** The page behind a mailed link: says what will happen and has the button that makes it happen. Works without scripts. */
export function askPage(purpose: MailPagePurpose, projectName: string, token: string, minPasswordLength: number, { asked = ASKS_NOTHING, problem }: AskOptions = {}): HtmlPage {
  const page = MAIL_PAGES[purpose]
  return {
    title: `${page.title} · ${projectName}`,
    status: problem?.status ?? 200,
    body: html`<h1>${page.title}</h1>
<p>${projectName}</p>
${problem ? html`<p role="alert"><strong>${problem.message}</strong></p>` : null}
<p>${page.lead}</p>
<form method="post" action="${purpose}">
<input type="hidden" name="token" value="${token}">
${fields(purpose, minPasswordLength, asked)}
<button type="submit">${page.button}</button>
</form>`,
  }
}

function fields(purpose: MailPagePurpose, minPasswordLength: number, asked: AskedProof): SafeHtml | null {
  if (purpose === 'password_reset') {
    return html`<label>New password
<input type="password" name="password" autocomplete="new-password" required minlength="${minPasswordLength}"></label>`
  }
  const factor = asked.factor
    ? html`<label>The code of your authenticator app, or a recovery code
<input type="text" name="factor_code" autocomplete="one-time-code" inputmode="text" maxlength="64"${purpose === 'email_change' ? html` required` : null}></label>`
    : null
  if (purpose === 'email_change') {
    return html`<label>The password of your account
<input type="password" name="password" autocomplete="current-password" required></label>
${factor}
<p>Without a password, open the link in the app, where you are signed in. If you did not ask for this, close this page.</p>`
  }
  if (!asked.password) return null
  return html`<label>The password you chose when you signed up
<input type="password" name="password" autocomplete="current-password" required></label>
${factor}
<p>Or type the code from the mail where you signed up. If you did not sign up, close this page.</p>`
}

export function donePage(purpose: MailPagePurpose, projectName: string, siteUrl: string | null): HtmlPage {
  const page = MAIL_PAGES[purpose]
  return {
    title: `Done · ${projectName}`,
    body: html`<h1>Done</h1>
<p>${page.done}</p>
${siteUrl === null ? null : html`<p><a href="${siteUrl}" rel="noreferrer">Back to ${projectName}</a></p>`}`,
  }
}

export function failedPage(projectName: string, message: string, status: number): HtmlPage {
  return {
    title: `This did not work · ${projectName}`,
    status,
    body: html`<h1>This did not work</h1>
<p role="alert">${message}</p>
<p>Ask for a new mail in the app and use the link in it.</p>`,
  }
}
