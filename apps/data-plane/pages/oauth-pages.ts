import type { SignInRefusal } from '@portico/end-user/steps/sign-in-refusal'
import { html } from '@portico/http/html-page'
import type { Visit } from './hosted/visit.js'
import type { Content } from './look/frame.js'
import { badFace, donePage, failedPage, wayOn } from './mail-page.js'
import { refusalText } from './words/refusals.js'

/** There is nobody to send back to: the flow is unknown, old, used, or began in another browser. */
export function lostFlowPage(visit: Visit): Content {
  const body = html`<p role="alert">${visit.say('provider.lost')}</p>\n<p>${visit.say('error.back_to_app')}</p>`
  return { title: visit.say('error.title'), status: 400, face: badFace, body }
}

export function unavailablePage(visit: Visit, back: string | null): Content {
  const { say, project } = visit
  const link = back === null ? null : html`<p><a class="button" href="${back}" rel="noreferrer">${say('back_to', { name: project.name })}</a></p>`
  return { title: say('provider.away_title'), status: 503, face: badFace, body: html`<p role="alert">${say('provider.away')}</p>\n${link}` }
}

/** A mailed link was followed with a provider. */
export const followedPage = (visit: Visit): Content => donePage(visit, visit.say('provider.ready'))

export const refusedPage = (visit: Visit, refusal: SignInRefusal): Content =>
  failedPage(visit, refusalText(visit.words, refusal.code === 'invalid_or_expired_token' ? 'link_spent' : refusal.code), 400, wayOn(visit) && html``)
