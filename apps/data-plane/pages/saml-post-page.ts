import { html, type HtmlPage } from '@portico/http/html-page'

/** For identity providers that take the request by POST: the browser sends it on by itself, or by a press where scripts are off. */
export function samlPostPage(action: string, fields: Readonly<Record<string, string>>): HtmlPage {
  const inputs = Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)
  return {
    title: 'Single sign-on',
    body: html`<form method="post" action="${action}">${inputs}<button type="submit">Continue</button></form>`,
    script: 'document.forms[0].submit()',
    // Where the identity provider leads the form on to is its own affair.
    formsLeadAnywhere: true,
  }
}
