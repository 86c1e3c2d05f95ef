import type { SetupLink } from '@portico/end-user/records/setup-link.store'
import { html } from '@portico/http/html-page'
import type { Visit } from '../hosted/visit.js'
import { alert, button, hidden } from '../look/controls.js'
import type { Content } from '../look/frame.js'
import { badFace, goodFace } from '../mail-page.js'

/** Before the link is opened; who only looks at it does not spend it. */
export function beginView(
  visit: Visit,
  { link, token, problem = null }: { link: SetupLink; token: string; problem?: string | null },
): Content {
  const { say, words } = visit
  return {
    title: say('setup.title'),
    lead: say('setup.begin_lead', { organization: link.organizationName, name: visit.name, date: words.date(link.expiresAt) }),
    status: problem === null ? 200 : 403,
    body: html`${alert(problem)}<form method="post" action="${visit.base}/setup/open${visit.localeQuery}">
${hidden('form_token', visit.browser.formToken)}${hidden('token', token)}${button({ label: say('setup.begin') })}</form>`,
  }
}

/** Used by another browser, finished, revoked, too old, made up: one answer, which tells nobody which. */
export function overView(visit: Visit): Content {
  return { title: visit.say('error.title'), status: 400, face: badFace, body: html`<p role="alert">${visit.say('setup.over')}</p>` }
}

export function closedView(visit: Visit): Content {
  return { title: visit.say('done'), face: goodFace, body: html`<p role="status">${visit.say('setup.closed')}</p>` }
}
