import { html, type SafeHtml } from '@portico/http/html-page'
import type { Visit } from '../hosted/visit.js'
import { button, hidden, type Button } from '../look/controls.js'

/** One form with one button. `action`: where the forms of the page send to. */
export function act(
  visit: Visit,
  action: string,
  { fields = null, ...of }: Button & { fields?: SafeHtml | SafeHtml[] | null },
): SafeHtml {
  return html`<form method="post" action="${action}">${hidden('form_token', visit.browser.formToken)}${fields}
${button(of)}</form>`
}
