import type { SignInRefusal } from '@portico/end-user/steps/sign-in-refusal'
import { html, type HtmlPage } from '@portico/http/html-page'
import { wayBack, type PageProject } from './mail-page.js'

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

/** A mailed link was followed with a provider. */
export function followedPage(project: PageProject): HtmlPage {
  return {
    title: `Done · ${project.name}`,
    body: html`<h1>Done</h1>
<p role="status">Your account is ready. Sign in to the app with this provider.</p>
${wayBack(project)}`,
  }
}

export function refusedPage(project: PageProject, refusal: SignInRefusal): HtmlPage {
  return {
    title: `This did not work · ${project.name}`,
    status: 400,
    body: html`<h1>This did not work</h1>
<p role="alert">${refusal.message}</p>
${wayBack(project)}`,
  }
}
