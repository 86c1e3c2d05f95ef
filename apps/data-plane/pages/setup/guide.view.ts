import type { SsoUrls } from '@portico/end-user/project/sso-urls'
import type { SsoProtocol } from '@portico/end-user/records/sso-connection'
import { html, type SafeHtml } from '@portico/http/html-page'
import type { Visit } from '../hosted/visit.js'
import { SETUP_GUIDES } from './guides.js'
import { values } from './setup-parts.js'

/** The steps at the best known identity providers; opened one at a time, without a script. */
export function guides({ say }: Visit, protocol: SsoProtocol, own: SsoUrls): SafeHtml {
  return html`<div class="folded">${SETUP_GUIDES[protocol].map(
    ({ name, path, ours, theirs }) => html`<details name="guide"><summary>${name}</summary>
<p lang="en" dir="ltr">${path.join(' › ')}</p>
${values(ours.map(([label, value]) => [label, own[value]] as const))}
<p class="hint">${say('setup.theirs')}</p>${values(theirs.map(([label, field]) => [say(`setup.${field}`), label] as const))}</details>`,
  )}</div>`
}
