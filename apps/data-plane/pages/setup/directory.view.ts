import type { DirectoryToken } from '@portico/end-user/records/directory-token.store'
import { MAX_TOKENS } from '@portico/end-user/directory/manage-directory-tokens'
import { html, type SafeHtml } from '@portico/http/html-page'
import type { Visit } from '../hosted/visit.js'
import { alert, hidden } from '../look/controls.js'
import { act, values } from './setup-parts.js'
import type { SetupPage } from './setup-page.js'

/** Where an identity provider keeps the people of the organization in step, and what it shows there. */
export function directoryPart(visit: Visit, { directory, token, issuer }: SetupPage): SafeHtml {
  const { say } = visit
  const tokens = directory?.tokens ?? []
  const create = act(visit, { label: say('setup.token_create'), intent: 'create_token', look: 'quiet' })
  const address: readonly [string, string] = [say('setup.scim_url'), `${issuer}/scim/v2`]
  return html`${token === undefined ? null : alert(say('setup.token_once'), 'good')}
${values(token === undefined ? [address] : [address, [say('setup.scim_token'), token]])}
${tokens.length === 0 ? null : html`<ul class="list">${tokens.map((each) => tokenItem(visit, each))}</ul>`}
${tokens.length < MAX_TOKENS ? create : null}`
}

function tokenItem(visit: Visit, { id, prefix, createdAt, lastUsedAt }: DirectoryToken): SafeHtml {
  const { say, words } = visit
  const used = lastUsedAt === null ? say('setup.token_unused') : say('account.used', { date: words.date(lastUsedAt) })
  return html`<li><div class="grow"><bdi dir="ltr">${prefix}…</bdi>
<p class="hint">${say('setup.token_created', { date: words.date(createdAt) })} · ${used}</p></div>
${act(visit, { label: say('setup.domain_remove'), intent: 'remove_token', look: 'quiet small', fields: hidden('id', id) })}</li>`
}
