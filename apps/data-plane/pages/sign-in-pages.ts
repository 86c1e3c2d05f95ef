import { html, type HtmlPage, type SafeHtml } from '@portico/http/html-page'

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
export function magicLinkForAppPage(projectName: string): HtmlPage {
  return page(projectName, 'Sign in', html`<p>Go back to the app to sign in: type the code from the mail there, or open the link in the app.</p>`)
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

const NAMES: Readonly<Record<string, string>> = { google: 'Google', github: 'GitHub', microsoft: 'Microsoft', apple: 'Apple', gitlab: 'GitLab' }

export function invitationPage(projectName: string, choice: InvitationChoice): HtmlPage {
  const { token, password, minPasswordLength, providers, problem } = choice
  const body = html`${problem ? html`<p role="alert"><strong>${problem.message}</strong></p>` : null}
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
<p><button type="submit">Continue with ${NAMES[provider] ?? provider.replace(/^oidc:/, '')}</button></p>
</form>`,
)}`
  // The provider's address is only known when the button is pressed; it is one that the operator configured.
  return { ...page(projectName, 'You are invited', body, problem?.status ?? 200), formsLeadAnywhere: providers.length > 0 }
}

export function invitationAcceptedPage(projectName: string, siteUrl: string | null): HtmlPage {
  const link = siteUrl === null ? null : html`<p><a href="${siteUrl}" rel="noreferrer">Go to ${projectName}</a></p>`
  return page(projectName, 'Done', html`<p>Your password is set. Sign in with it in the app.</p>\n${link}`)
}
