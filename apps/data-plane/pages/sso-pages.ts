import type { TestedSso } from '@portico/end-user/sso/try-connection'
import { html } from '@portico/http/html-page'
import type { Visit } from './hosted/visit.js'
import type { Content } from './look/frame.js'
import { badFace, failedPage, goodFace } from './mail-page.js'
import { refusalText } from './words/refusals.js'

/** How the test of a connection ended, for whoever ran it in this browser. What was found is told where the test was made. */
export function testedPage({ say }: Visit, { accepted }: TestedSso): Content {
  return {
    title: say(accepted ? 'sso_test.accepted' : 'sso_test.refused'),
    face: accepted ? goodFace : badFace,
    body: html`<p role="status">${say('sso_test.report')}</p>`,
  }
}

/** What an identity provider sent to sign somebody out was not signed for us, is old, or was used before. Nobody was signed out. */
export const refusedLogoutPage = (visit: Visit): Content => failedPage(visit, refusalText(visit.words, 'invalid_request'), 400, html``)
