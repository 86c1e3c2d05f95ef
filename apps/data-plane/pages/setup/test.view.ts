import type { AttemptReport } from '@portico/end-user/records/sso-attempt'
import { html, type SafeHtml } from '@portico/http/html-page'
import type { Visit } from '../hosted/visit.js'
import { alert } from '../look/controls.js'
import { act, values } from './setup-parts.js'
import type { SetupPage } from './setup.view.js'

/** Nobody is signed in by a test; what came of the last one is said here, for whoever comes back to this page. */
export function testPart(visit: Visit, { test }: SetupPage): SafeHtml {
  const { say } = visit
  const button = act(visit, { label: say('setup.test'), intent: 'test', look: 'quiet' })
  if (test === null) return html`<div class="acts">${button}</div>`
  const { state, report } = test
  const said = {
    accepted: alert(say('setup.test_accepted', { who: report?.email ?? report?.subject ?? '' }), 'good'),
    // What was found is told to whoever configures identity providers, in the words that their manuals and search engines know.
    refused: html`${alert(say('setup.test_refused', { detail: '' }).trim())}
<p class="hint" lang="en" dir="ltr">${report?.detail ?? report?.refusal ?? ''}</p>`,
    waiting: html`<p class="hint">${say('setup.test_waiting')}</p>`,
    started: html`<p class="hint">${say('setup.test_waiting')}</p>`,
  }
  return html`${said[state]}${report ? reportPart(visit, report) : null}<div class="acts">${button}</div>`
}

/** What the identity provider said, decoded: only what its signature covers. Whose account it opens here is not for the holder. */
function reportPart(visit: Visit, report: AttemptReport): SafeHtml | null {
  const { say } = visit
  const { subject, nameIdFormat, attributes, email, name, groups, expected, found } = report
  const compared = [[say('setup.report_expected'), expected], [say('setup.report_found'), found]] as const
  const sent = [['NameID / sub', subject], ['Format', nameIdFormat], ...attributes.map(({ name: called, values: all }) => [called, all.join('\n')] as const)] as const
  const read = [[say('field.email'), email], [say('setup.report_name'), name], [say('setup.report_groups'), groups.join('\n')]] as const
  const known = (rows: readonly (readonly [string, string | null])[]) =>
    rows.flatMap(([label, value]) => (value === null || value === '' ? [] : [[label, value] as const]))
  const parts = [
    { title: null, rows: known(compared) }, { title: say('setup.report_read'), rows: known(read) }, { title: say('setup.report_sent'), rows: known(sent) },
  ].filter(({ rows }) => rows.length > 0)
  if (parts.length === 0) return null
  return html`${parts.map(({ title, rows }) =>
    title === null ? values(rows) : html`<details open><summary>${title}</summary>${values(rows)}</details>`)}`
}
