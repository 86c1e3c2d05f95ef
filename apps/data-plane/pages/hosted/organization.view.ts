import { html, type SafeHtml } from '@portico/http/html-page'
import { alert, button, divider, hidden } from '../look/controls.js'
import type { Content } from '../look/frame.js'
import type { OrganizationChoice } from './choose-organization.js'
import { goodFace } from '../mail-page.js'
import type { Visit } from './visit.js'

/** Whom to work for in this session, and invitations that wait; nothing here has to be done to get on. */
export function organizationView(visit: Visit, choice: OrganizationChoice & { email: string }): Content {
  const { say } = visit
  const { organizations, invitations, email, gone = false, problem = null, status = 200 } = choice
  const act = (id: string | null, body: SafeHtml) => html`<form method="post" action="${visit.to('/organization')}">
${hidden('form_token', visit.browser.formToken)}${id === null ? null : hidden('id', id)}${body}</form>`
  const invited = invitations.map(({ id, organizationName: name }) => html`<li><span class="grow">${say('organization.invited', { name })}</span>
${act(id, html`${button({ label: say('organization.join'), intent: 'accept', look: 'quiet small' })}`)}
${act(id, html`${button({ label: say('organization.decline'), intent: 'decline', look: 'quiet small' })}`)}</li>`)
  const own = organizations.map(({ id, name }) => act(id, button({ label: name, intent: 'choose', look: 'quiet' })))
  return {
    title: say(organizations.length > 0 ? 'organization.title' : 'organization.invitations'),
    lead: organizations.length > 0 ? say('organization.lead') : null,
    status,
    body: html`${alert(problem ?? (gone ? say('organization.gone', { email }) : null))}${invited.length === 0 ? null : html`<ul class="list">${invited}</ul>`}
<div class="stack">${own}</div>${own.length === 0 ? null : divider(say('or'))}
${act(null, button({ label: say('organization.none'), intent: 'none', ...(own.length === 0 ? {} : { look: 'quiet' as const }) }))}`,
  }
}

/** Whoever came by the mail, and not from an app, is told that it worked. */
export function joinedView(visit: Visit, organization: string): Content {
  const { say, base, project, localeQuery, name } = visit
  const { site_url: site } = project.settings
  const on = site === null
    ? html`<a class="button" href="${base}/account${localeQuery}">${say('account.title')}</a>`
    : html`<a class="button" href="${site}" rel="noreferrer">${say('back_to', { name })}</a>`
  return { title: say('done'), body: html`<p role="status">${say('organization.joined', { name: organization })}</p><p>${on}</p>`, face: goodFace }
}
