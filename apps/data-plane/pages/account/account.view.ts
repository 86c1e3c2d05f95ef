import type { Account } from '@portico/end-user/account/read-account'
import type { ListedPasskey } from '@portico/end-user/records/passkey.store'
import type { ListedSession } from '@portico/end-user/records/session-search.store'
import { html, type SafeHtml } from '@portico/http/html-page'
import { isOutsideProvider } from '@portico/kernel/settings/providers'
import type { Visit } from '../hosted/visit.js'
import { alert, button, field, hidden } from '../look/controls.js'
import type { Content } from '../look/frame.js'
import { KEY_ICON, providerIcon } from '../look/icons.js'
import { newPasswordField } from '../mail-page.js'
import { providerName } from '../provider-names.js'
import type { MessageKey } from '../words/words.js'
import { deviceName } from './device-name.js'

export interface AccountState {
  account: Account
  sessions: readonly ListedSession[]
  passkeys: readonly ListedPasskey[]
  recoveryCodesLeft: number
  /** Those that they belong to; `null`: the project has none. */
  organizations: readonly { id: string; name: string }[] | null
  currentSession: string
  hasPassword: boolean
  /** Whether who is there was asked a moment ago: then nothing is asked for once more. */
  fresh: boolean
  /** Whether this page can make passkeys. */
  canMakePasskeys: boolean
  note?: string | null
  problem?: string | null
  status?: number
}

/** Everything that belongs to an account, and what its owner can do with it. */
export function accountView(visit: Visit, state: AccountState): Content {
  const { say, project } = visit
  const { email } = state.account.user
  const { mfa, providers } = project.settings
  const outside = providers.filter(isOutsideProvider)
  const parts = [
    addressPart(visit, state),
    providers.includes('email') ? passwordPart(visit, state) : null,
    passkeysPart(visit, state),
    mfa === 'off' ? null : factorsPart(visit, state),
    outside.length > 0 || state.account.identities.length > 0 ? identitiesPart(visit, state, outside) : null,
    sessionsPart(visit, state),
    organizationsPart(visit, state),
    dataPart(visit, state),
  ]
  return {
    title: say('account.title'),
    wide: true,
    status: state.status ?? 200,
    lead: html`${say('account.signed_in_as', { email })} · ${act(visit, 'sign_out', { label: say('account.sign_out'), look: 'plain' })}`,
    body: html`${alert(state.note, 'good')}${alert(state.problem)}${parts}
<p class="alert" role="alert" id="passkey-wrong" data-text="${say('error.passkey_failed')}" hidden></p>`,
  }
}

interface Act {
  label: string
  look?: 'plain' | 'quiet' | 'danger' | 'quiet small' | 'danger small'
  id?: string
  fields?: SafeHtml | readonly (SafeHtml | null)[] | null
  icon?: SafeHtml | null
}

/** One form with one button. */
function act(visit: Visit, intent: string, { label, look, id, fields = null, icon = null }: Act): SafeHtml {
  return html`<form method="post" action="${visit.base}/account${visit.localeQuery}"${look === 'plain' ? html` class="inline"` : null}>
${hidden('form_token', visit.browser.formToken)}${id === undefined ? null : hidden('id', id)}${fields}
${button({ label, intent, ...(look && { look }), icon })}</form>`
}

const section = (title: string, lead: string | null, body: SafeHtml): SafeHtml =>
  html`<section><h2>${title}</h2>${lead === null ? null : html`<p class="hint">${lead}</p>`}${body}</section>`

const folded = (label: string, body: SafeHtml): SafeHtml => html`<details><summary>${label}</summary>${body}</details>`

/** What the JSON routes ask for before the same step: the password, or a second factor. Names apart, as each form has its own. */
function stepUp({ say }: Visit, { fresh, hasPassword, account }: AccountState, of: string): SafeHtml | null {
  if (fresh) return null
  const factor = account.factors.some(({ type, active }) => type === 'totp' && active)
  const password = field({
    name: 'current_password', id: `${of}-password`, label: say('account.confirm_password'), type: 'password', autocomplete: 'current-password',
    required: !factor,
  })
  const code = field({
    name: 'factor_code', id: `${of}-code`, label: say('account.confirm_code'), autocomplete: 'one-time-code', inputMode: 'numeric', required: false,
  })
  return html`${hasPassword ? password : null}${factor ? code : null}`
}

function addressPart(visit: Visit, state: AccountState): SafeHtml {
  const { say } = visit
  const { user, pendingEmail } = state.account
  const badge =
    user.emailVerifiedAt === null
      ? html`<span class="badge off">${say('account.unverified')}</span>`
      : html`<span class="badge">${say('account.verified')}</span>`
  const pending = pendingEmail
    ? html`<div class="hint">${say('account.email_pending', { email: pendingEmail.email })}
${act(visit, 'cancel_email', { label: say('account.cancel'), look: 'plain' })}</div>`
    : null
  const typed = field(
    { name: 'email', id: 'new-email', label: say('account.email_new'), type: 'email', autocomplete: 'email', inputMode: 'email' },
  )
  const form = act(visit, 'email', { label: say('account.email_change'), look: 'quiet', fields: [typed, stepUp(visit, state, 'email')] })
  return section(say('account.email'), null, html`<p><bdi>${user.email}</bdi> ${badge}</p>${pending}${folded(say('account.email_change'), form)}`)
}

function passwordPart(visit: Visit, state: AccountState): SafeHtml {
  const { say, project } = visit
  const { password_min_length: minLength } = project.settings
  if (!state.hasPassword) {
    const send = act(visit, 'mail_password', { label: say('forgot.button'), look: 'quiet small' })
    return section(say('account.password'), say('account.password_none'), send)
  }
  const name = html`<input class="gone" type="text" autocomplete="username" value="${state.account.user.email}" aria-hidden="true" tabindex="-1" readonly>`
  const current = field({
    name: 'current_password', id: 'old-password', label: say('account.password_current'), type: 'password',
    autocomplete: 'current-password',
  })
  const next = newPasswordField(visit, say('field.new_password'), minLength, { focus: false })
  const form = act(visit, 'password', { label: say('account.password_change'), look: 'quiet', fields: [name, current, next] })
  return section(say('account.password'), null, folded(say('account.password_change'), form))
}

function passkeysPart(visit: Visit, state: AccountState): SafeHtml {
  const { say, base } = visit
  const rows = state.passkeys.map((passkey) =>
    row(
      visit,
      state,
      { intent: 'remove_factor', id: passkey.id, name: passkey.friendlyName, added: passkey.createdAt, used: passkey.lastUsedAt },
    ),
  )
  const make = html`<form method="post" action="${base}/account${visit.localeQuery}" hidden data-make="1" data-options="${base}/account/passkey-options">
${hidden('form_token', visit.browser.formToken)}${hidden('intent', 'passkey')}${hidden('credential', '')}${stepUp(visit, state, 'passkey')}
${button({ label: say('account.passkey_add'), look: 'quiet', icon: KEY_ICON })}</form>`
  const list = rows.length === 0 ? html`<p class="hint">${say('account.passkey_none')}</p>` : html`<ul class="list">${rows}</ul>`
  return section(say('account.passkeys'), say('account.passkeys_lead'), html`${list}${state.canMakePasskeys ? make : null}`)
}

function factorsPart(visit: Visit, state: AccountState): SafeHtml {
  const { say } = visit
  const apps = state.account.factors.filter(({ type, active }) => type === 'totp' && active)
  const rows = apps.map(({ id, friendlyName, createdAt, lastUsedAt }) =>
    row(visit, state, { intent: 'remove_factor', id, name: friendlyName ?? say('account.totp_name'), added: createdAt, used: lastUsedAt }),
  )
  const codes =
    state.account.factors.some(({ active }) => active)
      ? html`<p class="hint">${say('account.recovery_left', { count: state.recoveryCodesLeft })}</p>
${folded(say('account.recovery_new'), act(visit, 'recovery', { label: say('account.recovery_new'), look: 'quiet', fields: stepUp(visit, state, 'recovery') }))}`
      : null
  const add = act(visit, 'totp', { label: say('enrol.with_app'), look: 'quiet', fields: stepUp(visit, state, 'totp') })
  const list = rows.length === 0 ? null : html`<ul class="list">${rows}</ul>`
  return section(say('account.factors'), say('account.factors_lead'), html`${list}${add}${codes}`)
}

interface Row {
  intent: string
  id: string
  name: string
  added: Date
  used: Date | null
}

function row(visit: Visit, state: AccountState, { intent, id, name, added, used }: Row): SafeHtml {
  const { say, words } = visit
  const when = used === null ? say('account.added', { date: words.date(added) }) : say('account.used', { date: words.date(used) })
  const asked = stepUp(visit, state, `remove-${id}`)
  const remove = act(visit, intent, { label: say('account.remove'), look: 'quiet small', id, fields: asked })
  return html`<li><div class="grow"><bdi>${name}</bdi><br><small>${when}</small></div>
${asked === null ? remove : html`<details><summary>${say('account.remove')}</summary>${remove}</details>`}</li>`
}

function identitiesPart(visit: Visit, state: AccountState, outside: readonly string[]): SafeHtml {
  const { say } = visit
  const { identities } = state.account
  const rows = identities.map(({ provider, subject, email, createdAt, lastSignInAt }) => {
    const name = email === null ? providerName(provider) : `${providerName(provider)} · ${email}`
    return row(visit, state, { intent: 'disconnect', id: JSON.stringify([provider, subject]), name, added: createdAt, used: lastSignInAt })
  })
  const connect = outside
    .filter((provider) => !identities.some((identity) => identity.provider === provider))
    .map((provider) => {
      const label = say('account.connect', { provider: providerName(provider) })
      return act(
        visit, 'connect', { label, look: 'quiet', id: provider, icon: providerIcon(provider), fields: stepUp(visit, state, provider) },
      )
    })
  const list = rows.length === 0 ? html`<p class="hint">${say('account.identities_none')}</p>` : html`<ul class="list">${rows}</ul>`
  return section(say('account.identities'), null, html`${list}<div class="stack">${connect}</div>`)
}

function sessionsPart(visit: Visit, { sessions, currentSession }: AccountState): SafeHtml {
  const { say, words } = visit
  const rows = sessions.map(({ id, userAgent, ip, lastUsedAt }) => {
    const used = [ip, say('account.used', { date: words.date(lastUsedAt) })].filter((part) => part !== null).join(' · ')
    const end = html`<button class="quiet small" name="id" value="${id}">${say('account.end_session')}</button>`
    return html`<li><div class="grow"><bdi>${deviceName(userAgent)}</bdi><br><small>${used}</small></div>
${id === currentSession ? html`<span class="badge">${say('account.this_device')}</span>` : end}</li>`
  })
  const all = act(visit, 'end_all', { label: say('account.end_all'), look: 'quiet small' })
  // One form for all of them: a list may be long.
  const list = html`<form method="post" action="${visit.base}/account${visit.localeQuery}">
${hidden('form_token', visit.browser.formToken)}${hidden('intent', 'end_session')}<ul class="list">${rows}</ul></form>`
  return section(say('account.sessions'), say('account.sessions_lead'), html`${list}${all}`)
}

/** To whoever else belongs there, and the way out. */
function organizationsPart({ say, base, localeQuery }: Visit, { organizations }: AccountState): SafeHtml | null {
  if (organizations === null || organizations.length === 0) return null
  const of = (id: string) => `${base}/organization/members${localeQuery === '' ? '?' : `${localeQuery}&`}id=${id}`
  const rows = organizations.map(({ id, name }) => html`<li><a class="grow" href="${of(id)}"><bdi>${name}</bdi></a></li>`)
  return section(say('account.organizations'), null, html`<ul class="list">${rows}</ul>`)
}

function dataPart(visit: Visit, state: AccountState): SafeHtml {
  const { say } = visit
  const fields = [html`<p>${say('account.delete_lead')}</p>`, stepUp(visit, state, 'delete')]
  const remove = act(visit, 'delete', { label: say('account.delete'), look: 'danger', fields })
  return html`${section(say('account.data'), say('account.data_lead'), act(visit, 'export', { label: say('account.export'), look: 'quiet small' }))}
${section(say('account.delete'), null, folded(say('account.delete'), remove))}`
}

/** What was done, after the page has been asked for again. */
export const DONE: Readonly<Record<string, MessageKey>> = {
  saved: 'account.saved',
  password: 'account.password_changed',
}
