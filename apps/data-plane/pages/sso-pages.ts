import type { TestedSso } from '@portico/end-user/sso/try-connection'
import { html } from '@portico/http/html-page'
import type { Visit } from './hosted/visit.js'
import type { Content } from './look/frame.js'
import { badFace, goodFace } from './mail-page.js'

/** How the test of a connection ended, for whoever ran it in this browser. What was found is told where the test was made. */
export function testedPage({ say }: Visit, { accepted }: TestedSso): Content {
  return {
    title: say(accepted ? 'sso_test.accepted' : 'sso_test.refused'),
    face: accepted ? goodFace : badFace,
    body: html`<p role="status">${say('sso_test.report')}</p>`,
  }
}

/**
 * What an identity provider sent to sign somebody out was not signed for us, is old, or was used before. Nobody was signed out: whoever
 * believes the opposite leaves a shared computer with their session on it.
 */
export function refusedLogoutPage({ say, base, project, localeQuery, name }: Visit): Content {
  const { site_url: site, sign_in_gate: gate } = project.settings
  const app = site === null ? null : html`<a class="button" href="${site}" rel="noreferrer">${say('back_to', { name })}</a>`
  const look = app === null ? 'button' : 'button quiet'
  // Has the button that signs out; whoever is not signed in is asked to sign in, which tells them too.
  const account = gate === 'disabled' ? null : html`<a class="${look}" href="${base}/account${localeQuery}">${say('account.title')}</a>`
  return {
    title: say('sso_logout.title'),
    status: 400,
    face: badFace,
    body: html`<p role="alert">${say('sso_logout.refused', { name })}</p>
<p>${say('sso_logout.how', { name })}</p>
${app === null && account === null ? null : html`<div class="stack">${app}${account}</div>`}`,
  }
}
