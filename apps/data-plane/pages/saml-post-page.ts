import { html, type HtmlPage } from '@portico/http/html-page'
import type { Visit } from './hosted/visit.js'
import { brandOf } from './look/brand.js'
import { button, hidden } from './look/controls.js'
import { framed } from './look/frame.js'

/** For identity providers that take the request by POST: the browser sends it on by itself, or by a press where scripts are off. */
export function samlPostPage({ say, words, base, project }: Visit, action: string, fields: Readonly<Record<string, string>>): HtmlPage {
  const inputs = Object.entries(fields).map(([name, value]) => hidden(name, value))
  const page = framed(
    { brand: brandOf(project), words, base, again: null },
    {
      title: say('saml_post.title'),
      body: html`<p>${say('saml_post.lead')}</p>
<form method="post" action="${action}">${inputs}
${button({ label: say('continue') })}</form>`,
      // Where the identity provider leads the form on to is its own affair.
      formsLeadAnywhere: true,
    },
  )
  return { ...page, script: 'document.forms[0].submit()' }
}
