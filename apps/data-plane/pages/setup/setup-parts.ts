import { html, type SafeHtml } from '@portico/http/html-page'
import type { Visit } from '../hosted/visit.js'
import { button, hidden, type Button } from '../look/controls.js'

export const section = (title: string, lead: string | null, body: SafeHtml): SafeHtml =>
  html`<section><h2>${title}</h2>${lead === null ? null : html`<p class="hint">${lead}</p>`}${body}</section>`

/** One form with one button. */
export function act(
  visit: Visit,
  { fields = null, ...of }: Button & { fields?: SafeHtml | readonly (SafeHtml | null)[] | null },
): SafeHtml {
  return html`<form method="post" action="${visit.base}/setup${visit.localeQuery}">${hidden('form_token', visit.browser.formToken)}${fields}
${button(of)}</form>`
}

/** To be copied: shown as it is, whatever the direction of the page. */
export const values = (rows: readonly (readonly [string, string])[]): SafeHtml =>
  html`<dl class="values">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd dir="ltr">${value}</dd></div>`)}</dl>`
