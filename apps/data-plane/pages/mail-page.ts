import { html, type HtmlPage } from '@portico/http/html-page'
import { MAIL_PAGES, type MailPagePurpose } from './mail-purpose.js'

export interface AskOptions {
  /** A new password account is confirmed with its password: a click alone could be a scanner's, or a stranger's whom somebody signed up. */
  withPassword?: boolean
  problem?: { status: number; message: string }
}

/** The page behind a mailed link: says what will happen and has the button that makes it happen. Works without scripts. */
export function askPage(purpose: MailPagePurpose, projectName: string, token: string, minPasswordLength: number, { withPassword, problem }: AskOptions = {}): HtmlPage {
  const page = MAIL_PAGES[purpose]
  const password =
    purpose === 'password_reset'
      ? html`<label>New password
<input type="password" name="password" autocomplete="new-password" required minlength="${minPasswordLength}"></label>`
      : withPassword
        ? html`<label>The password you chose when you signed up
<input type="password" name="password" autocomplete="current-password" required></label>
<p>Or type the code from the mail where you signed up. If you did not sign up, close this page.</p>`
        : null
  return {
    title: `${page.title} · ${projectName}`,
    status: problem?.status ?? 200,
    body: html`<h1>${page.title}</h1>
<p>${projectName}</p>
${problem ? html`<p role="alert"><strong>${problem.message}</strong></p>` : null}
<p>${page.lead}</p>
<form method="post" action="${purpose}">
<input type="hidden" name="token" value="${token}">
${password}
<button type="submit">${page.button}</button>
</form>`,
  }
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
