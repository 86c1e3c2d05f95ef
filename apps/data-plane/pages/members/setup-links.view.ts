import type { SetupLink } from '@portico/end-user/records/setup-link.store'
import type { SsoConnection } from '@portico/end-user/records/sso-connection'
import { html, type SafeHtml } from '@portico/http/html-page'
import type { Visit } from '../hosted/visit.js'
import { alert, hidden } from '../look/controls.js'
import { section, values } from '../setup/setup-parts.js'
import { act } from './member-form.js'

/** What whoever may manage single sign-on here sees of its set-up links. */
export interface SetupLinksPart {
  /** Those that still work. */
  links: readonly SetupLink[]
  connections: readonly SsoConnection[]
}

/** Shown with the answer that made it and never again; above all else, as the page is read from there. */
export function madeLink({ say }: Visit, url: string): SafeHtml {
  return html`${alert(say('members.sso_once'), 'good')}${values([[say('members.sso_link'), url]])}
<div class="acts"><a class="button quiet" href="${url}">${say('members.sso_here')}</a></div>`
}

export function setupLinksSection(visit: Visit, action: string, organization: string, { links, connections }: SetupLinksPart): SafeHtml {
  const { say } = visit
  const make = act(visit, action, {
    label: say('members.sso_make'), intent: 'create_link', look: 'quiet', fields: choice(visit, connections),
  })
  const list = html`<ul class="list">${links.map((link) => linkItem(visit, action, link, connections))}</ul>`
  return section(say('setup.title'), say('members.sso_lead', { organization }), html`${links.length === 0 ? null : list}${make}`)
}

function choice({ say }: Visit, connections: readonly SsoConnection[]): SafeHtml | null {
  if (connections.length === 0) return null
  return html`<div class="field"><label for="connection_id">${say('members.sso_connection')}</label>
<select id="connection_id" name="connection_id" autocomplete="off"><option value="">${say('members.sso_new')}</option>${connections.map(
    ({ id, name }) => html`<option value="${id}">${name}</option>`,
  )}</select></div>`
}

function linkItem(visit: Visit, action: string, link: SetupLink, connections: readonly SsoConnection[]): SafeHtml {
  const { say, words } = visit
  const until = say('members.sso_until', { date: words.date(link.expiresAt) })
  const name = connections.find(({ id }) => id === link.connectionId)?.name ?? say('members.sso_new')
  const state = say(link.openedAt === null ? 'members.sso_waiting' : 'members.sso_opened')
  return html`<li><div class="grow"><bdi>${name}</bdi> <span class="badge off">${state}</span>
<p class="hint">${say('setup.token_created', { date: words.date(link.createdAt) })} · ${until}</p></div>
${act(visit, action, {
    label: say('setup.domain_remove'), intent: 'revoke_link', look: 'quiet small', fields: hidden('link_id', link.id),
  })}</li>`
}
