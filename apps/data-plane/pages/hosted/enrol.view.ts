import type { StartedTotp } from '@portico/end-user/factors/enrol-totp'
import { html, rawHtml, type SafeHtml } from '@portico/http/html-page'
import { alert, button, hidden } from '../look/controls.js'
import type { Content } from '../look/frame.js'
import { KEY_ICON } from '../look/icons.js'
import { codeField } from './sign-in.view.js'
import type { Visit } from './visit.js'

/** A project that wants a second step, of somebody who has none yet. */
export function enrolView(visit: Visit, state: { mfaToken: string; passkeys: boolean; problem?: string | null; status?: number }): Content {
  const { say } = visit
  const known = html`${hidden('form_token', visit.browser.formToken)}${hidden('mfa_token', state.mfaToken)}`
  const ask = JSON.stringify({ mfa_token: state.mfaToken })
  const passkey = html`<form method="post" action="${visit.to('/mfa/enrol')}" hidden data-make="1" data-ask="${ask}"
data-options="${visit.base}/webauthn/register/options">${known}${hidden('intent', 'passkey')}${hidden('credential', '')}
${button({ label: say('enrol.passkey'), icon: KEY_ICON })}</form>
<p class="alert" role="alert" id="passkey-wrong" data-text="${say('error.passkey_failed')}" hidden></p>`
  return {
    title: say('enrol.title'),
    lead: say('enrol.lead', { name: visit.name }),
    status: state.status ?? 200,
    body: html`${alert(state.problem)}<div class="stack">${state.passkeys ? passkey : null}
<form method="post" action="${visit.to('/mfa/enrol')}">${known}
${button({ label: say('enrol.with_app'), intent: 'totp', ...(state.passkeys ? { look: 'quiet' as const } : {}) })}</form></div>`,
  }
}

/** The picture to scan, the key to type, and a field for the first code. `fields`: what the form says beside the code. */
export function totpForm(visit: Visit, action: string, started: TotpStart, fields: SafeHtml, problem: string | null): SafeHtml {
  const { say } = visit
  const picture =
    'qrCode' in started
      ? html`<p>${say('enrol.app_lead')}</p><div class="qr">${rawHtml(started.qrCode)}</div>
<p class="hint">${say('enrol.secret')}<br><code dir="ltr">${grouped(started.secret)}</code></p>`
      : null
  return html`${picture}<form method="post" action="${action}">${fields}${hidden('factor_id', started.factorId)}
${codeField('code', say('enrol.app_code'), problem, true)}${button({ label: say('enrol.button'), intent: 'totp_code' })}</form>`
}

/** After a wrong code the picture is not shown again: it was scanned. */
export type TotpStart = StartedTotp | { factorId: string }

const grouped = (secret: string) => secret.replaceAll(/.{4}(?=.)/g, '$& ')

export function enrolAppView(visit: Visit, mfaToken: string, started: TotpStart, problem: string | null = null, status = 200): Content {
  const fields = html`${hidden('form_token', visit.browser.formToken)}${hidden('mfa_token', mfaToken)}`
  return { title: visit.say('enrol.with_app'), status, body: totpForm(visit, visit.to('/mfa/enrol'), started, fields, problem) }
}

/** Shown this once. `next`: what leads on. */
export function recoveryCodesView({ say }: Visit, codes: readonly string[], next: SafeHtml): Content {
  return {
    title: say('codes.title'),
    lead: say('codes.lead'),
    body: html`<ul class="codes" dir="ltr">${codes.map((code) => html`<li>${code}</li>`)}</ul>
<p class="hint">${say('codes.copy_hint')}</p>${next}`,
  }
}

