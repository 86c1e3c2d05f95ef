import type { MailedLink } from '@portico/end-user/records/mailed-link.view'
import type { SignInRefusal } from '@portico/end-user/steps/sign-in-refusal'
import { html } from '@portico/http/html-page'
import type { Visit } from './hosted/visit.js'
import type { Content } from './look/frame.js'
import { badFace, donePage, failedPage, wayOn } from './mail-page.js'
import { LINK_STATES } from './why-refused.js'
import { refusalText } from './words/refusals.js'

/** There is nobody to send back to: the flow is unknown, old, used, or began in another browser. */
export function lostFlowPage(visit: Visit): Content {
  const body = html`<p role="alert">${visit.say('provider.lost')}</p>
<p>${visit.say('error.back_to_app')}</p>
${wayOn(visit)}`
  return { title: visit.say('error.title'), status: 400, face: badFace, body }
}

export function unavailablePage(visit: Visit, back: string | null): Content {
  const { say, name } = visit
  const link = back === null ? null : html`<p><a class="button" href="${back}" rel="noreferrer">${say('back_to', { name })}</a></p>`
  return { title: say('provider.away_title'), status: 503, face: badFace, body: html`<p role="alert">${say('provider.away')}</p>\n${link}` }
}

/** A mailed link was followed with a provider. */
export const followedPage = (visit: Visit): Content => donePage(visit, visit.say('provider.ready'))

/** The provider vouched for somebody, and the link or the account would not have it. `link`: what has become of the one that led there. */
export function refusedPage(visit: Visit, { code }: SignInRefusal, link: MailedLink): Content {
  visit.speak(link.savedLocale)
  if (code !== 'invalid_or_expired_token') return failedPage(visit, refusalText(visit.words, code), 400, wayOn(visit) && html``)
  return failedPage(visit, visit.say(LINK_STATES[link.state]), 400, link.purpose && visit.newLink(link.purpose))
}
