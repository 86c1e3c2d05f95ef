import { ssoUrls } from '@portico/end-user/project/sso-urls'
import { emailDomainProofName } from '@portico/end-user/organizations/email-domains'
import type { EmailDomain } from '@portico/end-user/records/email-domain.store'
import type { SsoConnection } from '@portico/end-user/records/sso-connection'
import { html, type SafeHtml } from '@portico/http/html-page'
import type { Visit } from '../hosted/visit.js'
import { alert, field, hidden } from '../look/controls.js'
import type { Content } from '../look/frame.js'
import { directoryPart } from './directory.view.js'
import { guides } from './guide.view.js'
import type { SetupPage } from './setup-page.js'
import { act, section, values } from './setup-parts.js'
import type { SetupProblem } from './setup-problem.js'
import { testPart } from './test.view.js'

const NOTES = { saved: 'setup.saved', proven: 'setup.proven', on: 'setup.on' } as const

/** The steps, all on one page: domains, the identity provider, turning it on, and the directory for those who want one. */
export function setupView(visit: Visit, page: SetupPage): Content {
  const { say } = visit
  const { link, note, problem, status = 200 } = page
  return {
    title: say('setup.title'),
    lead: say('setup.lead', { organization: link.organizationName, name: visit.name }),
    wide: true,
    status,
    body: html`${note ? alert(say(NOTES[note]), 'good') : null}${problem?.field === null ? alert(problem.text) : null}
${section(say('setup.domains'), say('setup.domains_lead'), domainsPart(visit, page))}
${section(say('setup.provider'), null, page.connection ? providerPart(visit, page, page.connection) : choosePart(visit))}
${section(say('setup.turn_on_title'), null, turnOnPart(visit, page))}
${section(say('setup.directory'), say('setup.directory_lead'), directoryPart(visit, page))}
${isOn(page) ? finishPart(visit) : null}`,
  }
}

function domainsPart(visit: Visit, { domains, problem, typed }: SetupPage): SafeHtml {
  const { say } = visit
  const wrong = problem?.field === 'domain' ? problem.text : null
  const form = act(visit, {
    label: say('setup.domain_add'),
    intent: 'add_domain',
    look: 'quiet',
    fields: field({
      name: 'domain', label: say('setup.domain'), autocomplete: 'off', hint: 'example.com', wrong,
      value: wrong === null ? '' : typed?.domain, focus: wrong !== null,
    }),
  })
  return html`${domains.length === 0 ? null : html`<ul class="list">${domains.map((domain) => domainItem(visit, domain))}</ul>`}${form}`
}

function domainItem(visit: Visit, { id, domain, verifiedAt, verificationToken }: EmailDomain): SafeHtml {
  const { say } = visit
  if (verifiedAt !== null) return html`<li><bdi class="grow">${domain}</bdi><span class="badge">${say('account.verified')}</span></li>`
  const record = [['TXT', emailDomainProofName(domain)], [say('setup.record_value'), verificationToken]] as const
  return html`<li class="tall"><div class="grow"><p><bdi>${domain}</bdi> <span class="badge off">${say('setup.domain_waiting')}</span></p>
${values(record)}
<div class="acts">${act(visit, { label: say('setup.domain_check'), intent: 'check_domain', look: 'quiet small', fields: hidden('id', id) })}
${act(visit, { label: say('setup.domain_remove'), intent: 'remove_domain', look: 'quiet small', fields: hidden('id', id) })}</div></div></li>`
}

function choosePart(visit: Visit): SafeHtml {
  return html`<p class="hint">${visit.say('setup.choose')}</p><div class="acts">
${act(visit, { label: 'SAML 2.0', intent: 'choose_saml', look: 'quiet' })}${act(visit, { label: 'OpenID Connect', intent: 'choose_oidc', look: 'quiet' })}</div>`
}

function providerPart(visit: Visit, page: SetupPage, connection: SsoConnection): SafeHtml {
  const { say } = visit
  const own = ssoUrls(page.issuer, connection.id)
  const isSaml = connection.settings.protocol === 'saml'
  const ours: readonly (readonly [string, string])[] = isSaml
    ? [[say('setup.entity_id'), own.entityId], [say('setup.acs_url'), own.acsUrl], [say('setup.metadata'), own.entityId]]
    : [[say('setup.redirect_uri'), own.redirectUri]]
  const state = connection.state === 'draft' ? null : html`<p><span class="badge">${say('setup.provider_known')}</span>
<bdi dir="ltr">${connection.settings.saml?.entityId ?? connection.settings.oidc?.issuer}</bdi></p>`
  return html`${state}<p class="hint">${say('setup.ours')}</p>${values(ours)}${guides(visit, connection.settings.protocol, own)}
<p class="hint">${say('setup.theirs')}</p>
${isSaml ? samlForm(visit, page, connection) : oidcForm(visit, page, connection)}`
}

function samlForm(visit: Visit, page: SetupPage, { settings: { saml } }: SsoConnection): SafeHtml {
  const { say } = visit
  const { problem, typed } = page
  const wrong = wrongOf(problem)
  return act(visit, {
    label: say('setup.save'),
    intent: 'saml',
    fields: [
      field({
        name: 'metadata_url', label: say('setup.metadata_url'), autocomplete: 'url', required: false, wrong: wrong('metadata_url'),
        value: typed?.metadataUrl ?? saml?.metadataUrl ?? '', focus: wrong('metadata_url') !== null,
      }),
      textArea({ name: 'metadata_xml', label: say('setup.metadata_xml'), value: typed?.metadataXml ?? '', wrong: wrong('metadata_xml') }),
    ],
  })
}

function oidcForm(visit: Visit, page: SetupPage, { settings: { oidc }, secretSealed }: SsoConnection): SafeHtml {
  const { say } = visit
  const { problem, typed } = page
  const wrong = wrongOf(problem)
  return act(visit, {
    label: say('setup.save'),
    intent: 'oidc',
    fields: [
      field({
        name: 'issuer', label: say('setup.issuer'), autocomplete: 'url', wrong: wrong('issuer'), value: typed?.issuer ?? oidc?.issuer,
        focus: wrong('issuer') !== null,
      }),
      field({
        name: 'client_id', label: say('setup.client_id'), autocomplete: 'off', wrong: wrong('client_id'),
        value: typed?.clientId ?? oidc?.clientId,
      }),
      // What was typed is never sent back.
      field({
        name: 'client_secret', label: say('setup.client_secret'), type: 'password', autocomplete: 'off', wrong: wrong('client_secret'),
        required: secretSealed === null, ...(secretSealed === null ? {} : { hint: say('setup.secret_kept') }),
      }),
    ],
  })
}

const wrongOf = (problem: SetupProblem | undefined) => (field: SetupProblem['field']): string | null =>
  problem?.field === field ? problem.text : null

function textArea({ name, label, value, wrong }: { name: string; label: string; value: string; wrong: string | null }): SafeHtml {
  const described = wrong === null ? null : html` aria-invalid="true" aria-describedby="${name}-wrong"`
  return html`<div class="field"><label for="${name}">${label}</label>
<textarea id="${name}" name="${name}" rows="5" autocomplete="off" spellcheck="false" dir="ltr"${described}>
${value}</textarea>${wrong === null ? null : html`<p class="wrong" id="${name}-wrong">${wrong}</p>`}</div>`
}

function turnOnPart(visit: Visit, page: SetupPage): SafeHtml {
  const { say } = visit
  const { domains, connection } = page
  const proven = domains.filter(({ verifiedAt }) => verifiedAt !== null)
  const ready = proven.length > 0 && connection !== null && connection.state !== 'draft'
  const tried = connection === null || connection.state === 'draft' ? null : testPart(visit, page)
  if (connection && isOn(page)) return html`${tried}<p>${say('setup.is_on', { domains: connection.domains.join(', ') })}</p>`
  if (!ready) return html`${tried}<p class="hint">${say('setup.needs')}</p>`
  const waiting = proven.map(({ domain }) => domain).join(', ')
  return html`${tried}<p>${say('setup.turn_on_lead', { domains: waiting })}</p>${act(visit, { label: say('setup.turn_on'), intent: 'turn_on' })}`
}

const isOn = ({ connection }: SetupPage): boolean => connection?.state === 'active' && connection.domains.length > 0

const finishPart = (visit: Visit): SafeHtml => html`<section><div class="acts">
${act(visit, { label: visit.say('setup.finish'), intent: 'finish', look: 'quiet' })}</div>
<p class="hint">${visit.say('setup.finish_lead')}</p></section>`
