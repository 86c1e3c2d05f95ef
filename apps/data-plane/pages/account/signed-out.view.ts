import { html } from '@portico/http/html-page'
import type { Visit } from '../hosted/visit.js'
import type { Content } from '../look/frame.js'

/** After a sign-out: in again, or back to the app where it is known. */
export function signedOutView({ say, base, localeQuery, name, project }: Visit): Content {
  const { site_url: site } = project.settings
  const back = site === null ? null : html`<a class="button quiet" href="${site}" rel="noreferrer">${say('back_to', { name })}</a>`
  return {
    title: say('signed_out.title'),
    lead: say('signed_out.lead', { name }),
    body: html`<div class="stack"><a class="button" href="${base}/sign-in${localeQuery}">${say('signed_out.again')}</a>${back}</div>`,
  }
}
