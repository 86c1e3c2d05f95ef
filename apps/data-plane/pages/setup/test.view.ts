import type { AttemptReport } from '@portico/end-user/records/sso-attempt'
import { html, type SafeHtml } from '@portico/http/html-page'
import type { Visit } from '../hosted/visit.js'
import { alert } from '../look/controls.js'
import { isMessageKey } from '../words/words.js'
import { act, values } from './setup-parts.js'
import type { SetupPage } from './setup-page.js'

/** Nobody is signed in by a test; what came of the last one is said here, for whoever comes back to this page. */
export function testPart(visit: Visit, { test }: SetupPage): SafeHtml {
  const { say } = visit
  const button = act(visit, { label: say('setup.test'), intent: 'test', look: 'quiet' })
  if (test === null) return html`<div class="acts">${button}</div>`
  const { state, report } = test
  const said = {
    accepted: alert(say('setup.test_accepted', { who: report?.email ?? report?.subject ?? '' }), 'good'),
    refused: html`${alert(say('setup.test_refused', { detail: '' }).trim())}${whyRefused(visit, report)}`,
    waiting: html`<p class="hint">${say('setup.test_waiting')}</p>`,
    started: html`<p class="hint">${say('setup.test_waiting')}</p>`,
  }
  return html`${said[state]}${report ? reportPart(visit, report) : null}<div class="acts">${button}</div>`
}

function whyRefused({ say }: Visit, report: AttemptReport | null): SafeHtml | null {
  if (report === null) return null
  // What was found is told to whoever configures identity providers, in the words that their manuals and search engines know.
  if (report.detail !== null) return html`<p class="hint" lang="en" dir="ltr">${report.detail}</p>`
  const key = `refused.${report.refusal ?? ''}`
  // Outside the proven domains of the connection; to the person themselves it is said otherwise.
  const text = report.refusal === 'email_not_verified' ? 'setup.needs' : isMessageKey(key) ? key : 'refused.other'
  return html`<p class="hint">${say(text)}</p>`
}

/** What the identity provider said, decoded: only what its signature covers. Whose account it opens here is not for the holder. */
function reportPart(visit: Visit, report: AttemptReport): SafeHtml | null {
  const { say } = visit
  const { subject, nameIdFormat, attributes, email, name, groups, expected, found } = report
  const compared = [[say('setup.report_expected'), expected], [say('setup.report_found'), found]] as const
  const said = attributes.map(({ name: called, values: all }) => [called, all.join(', ')] as const)
  const sent = [['NameID / sub', subject], ['Format', nameIdFormat], ...said] as const
  const read = [[say('field.email'), email], [say('setup.report_name'), name], [say('setup.report_groups'), groups.join(', ')]] as const
  const known = (rows: readonly (readonly [string, string | null])[]) =>
    rows.flatMap(([label, value]) => (value === null || value === '' ? [] : [[label, value] as const]))
  const part = (title: string, rows: ReturnType<typeof known>) =>
    rows.length === 0 ? null : html`<details><summary>${title}</summary>${values(rows)}</details>`
  return html`${compared[0][1] === null ? null : values(known(compared))}
<div class="folded">${part(say('setup.report_read'), known(read))}${part(say('setup.report_sent'), known(sent))}</div>`
}
