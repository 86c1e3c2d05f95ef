import type { SignInRefusal } from '@portico/end-user/steps/sign-in-refusal'
import { html, type HtmlPage } from '@portico/http/html-page'

/** There is nobody to send back to: the flow is unknown, old, used, or began in another browser. */
export function lostFlowPage(projectName: string): HtmlPage {
  return {
    title: `This did not work · ${projectName}`,
    status: 400,
    body: html`<h1>This did not work</h1>
<p role="alert">This sign-in was not started in this browser, was already used, or is more than ten minutes old.</p>
<p>Go back to the app and start again.</p>`,
  }
}

export function unavailablePage(projectName: string, back: string | null): HtmlPage {
  return {
    title: `Not available · ${projectName}`,
    status: 503,
    body: html`<h1>The provider does not answer</h1>
<p role="alert">Try again in a moment, or sign in another way.</p>
${back === null ? null : html`<p><a href="${back}" rel="noreferrer">Back to ${projectName}</a></p>`}`,
  }
}

export function invitationDonePage(projectName: string, siteUrl: string | null): HtmlPage {
  return {
    title: `Done · ${projectName}`,
    body: html`<h1>Done</h1>
<p>Your account is ready. From now on, sign in to the app with this provider.</p>
${siteUrl === null ? null : html`<p><a href="${siteUrl}" rel="noreferrer">Go to ${projectName}</a></p>`}`,
  }
}

export function refusedPage(projectName: string, refusal: SignInRefusal): HtmlPage {
  return {
    title: `This did not work · ${projectName}`,
    status: 400,
    body: html`<h1>This did not work</h1>
<p role="alert">${refusal.message}</p>`,
  }
}
