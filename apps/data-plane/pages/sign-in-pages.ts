import { html, type HtmlPage, type SafeHtml } from '@portico/http/html-page'
import { providerName } from './provider-names.js'

function page(projectName: string, title: string, body: SafeHtml, status = 200): HtmlPage {
  return { title: `${title} · ${projectName}`, status, body: html`<h1>${title}</h1>\n<p>${projectName}</p>\n${body}` }
}

/** The button behind a mailed sign-in link. Only pressing it spends the link. */
export function magicLinkPage(projectName: string, token: string, formTargets: readonly string[]): HtmlPage {
  const body = html`<p>One click signs you in. If you did not ask for this, close the page.</p>
<form method="post" action="magic_link">
<input type="hidden" name="token" value="${token}">
<button type="submit">Sign in</button>
</form>`
  return { ...page(projectName, 'Sign in', body), formTargets }
}

/** The app asked for the mail without a proof key, so only the app itself can use the link. */
export function magicLinkForAppPage(projectName: string, siteUrl: string | null): HtmlPage {
  const link = siteUrl === null ? null : html`<p><a href="${siteUrl}" rel="noreferrer">Go to ${projectName}</a></p>`
  return page(projectName, 'Sign in in the app', html`<p>This link works only in the app that asked for it. Go back there and open the link, or ask for a new one.</p>\n${link}`)
}

export interface InvitationChoice {
  token: string
  /** Whether a password can be set. */
  password: boolean
  minPasswordLength: number
  /** Outside providers that are on. */
  providers: readonly string[]
  problem?: { status: number; message: string }
}

export function invitationPage(projectName: string, choice: InvitationChoice): HtmlPage {
  const { token, password, minPasswordLength, providers, problem } = choice
  const body = html`${problem ? html`<p role="alert"><strong>${problem.message}</strong></p>` : null}
<p>${choiceOf(password, providers.length > 0)} If you do not expect this invitation, close the page.</p>
${
  password
    ? html`<form method="post" action="invitation">
<input type="hidden" name="token" value="${token}">
<label>Choose a password
<input type="password" name="password" autocomplete="new-password" required minlength="${minPasswordLength}"></label>
<button type="submit">Set the password</button>
</form>`
    : null
}
${providers.map(
  (provider) => html`<form method="post" action="invitation/${provider}">
<input type="hidden" name="token" value="${token}">
<p><button type="submit">Continue with ${providerName(provider)}</button></p>
</form>`,
)}`
  // The provider's address is only known when the button is pressed; it is one that the operator configured.
  return { ...page(projectName, 'You are invited', body, problem?.status ?? 200), formsLeadAnywhere: providers.length > 0 }
}

function choiceOf(password: boolean, provider: boolean): string {
  if (password && provider) return 'Choose how you want to sign in: with a password, or with an account that you have elsewhere.'
  return password ? 'Choose the password that you want to sign in with.' : 'Choose the account that you want to sign in with.'
}

export function invitationAcceptedPage(projectName: string, siteUrl: string | null): HtmlPage {
  const link = siteUrl === null ? null : html`<p><a href="${siteUrl}" rel="noreferrer">Go to ${projectName}</a></p>`
  return page(projectName, 'Done', html`<p>Your password is set. Sign in with it in the app.</p>\n${link}`)
}
