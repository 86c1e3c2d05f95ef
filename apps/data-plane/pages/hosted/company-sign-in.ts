import { AuthError } from '@portico/kernel/auth-error'
import { html, sendPage } from '@portico/http/html-page'
import { parseEmailAddress } from '@portico/kernel/email-address'
import type { FastifyReply } from 'fastify'
import { brandOf } from '../look/brand.js'
import { button, hidden } from '../look/controls.js'
import { framed, type Content } from '../look/frame.js'
import type { HostedPages } from './hosted-pages.js'
import { samlPostPage } from '../saml-post-page.js'
import { emailField } from './sign-in.view.js'
import type { Visit } from './visit.js'

/** Where a company may have an identity provider of its own, the address comes first: it says where its owner signs in. */
export function addressView(visit: Visit, { email, wrong }: { email: string; wrong?: string }): Content {
  const { say } = visit
  return {
    title: say('sign_in.title', { name: visit.name }),
    lead: say('sign_in.lead'),
    status: wrong === undefined ? 200 : 422,
    body: html`<form method="post" action="${visit.to('/sign-in')}">${hidden('form_token', visit.browser.formToken)}
${emailField(visit, { value: email, wrong, focus: true })}
${button({ label: say('continue'), intent: 'address' })}</form>
<p class="foot"><a href="${visit.to('/sign-in', { ways: 'all' })}">${say('inbox.other')}</a></p>`,
  }
}

/**
 * A page that goes on by itself. Not a redirect: the policy for forms lets the answer to one lead to ourselves and the app alone, and stays
 * that narrow.
 */
function onward(visit: Visit, url: string): FastifyReply {
  const { say, words, base, project } = visit
  const body = html`<p>${say('saml_post.lead')}</p>
<p><a class="button" href="${url}" rel="noreferrer">${say('continue')}</a></p>`
  const page = framed({ brand: brandOf(project), words, base, again: null }, { title: say('saml_post.title'), body })
  return sendPage(visit.reply, { ...page, script: 'location.replace(document.links[0].href)' })
}

/** Off to the identity provider that answers for this address; `null` where there is none. The browser comes back as from any provider. */
export async function leaveForCompany(pages: HostedPages, visit: Visit, email: string): Promise<FastifyReply | null> {
  const { project, request, reply } = visit
  const asked = { email, redirectTo: visit.returnUrl, codeChallenge: visit.browser.challenge(visit.about) }
  const elsewhere = pages.elsewhere(request, project)
  try {
    if (elsewhere !== null) {
      if ((await pages.use.discoverSso.execute(project, email)).connection === null) return null
      const query = new URLSearchParams({ email, redirect_to: asked.redirectTo, code_challenge: asked.codeChallenge })
      return onward(visit, `${pages.urls.issuer(project)}/sso/start?${query}`)
    }
    const started = await pages.use.startSso.execute(project, asked)
    pages.flowCookie.set(reply, started.state, started.browserSecret, started.crossSitePost)
    const { request: message } = started
    return 'url' in message ? onward(visit, message.url.href) : sendPage(reply, samlPostPage(visit, message.action, message.fields))
  } catch (error) {
    if (error instanceof AuthError && error.code === 'not_found') return null
    throw error
  }
}

/** Whether the identity provider of a company is the only way in for this address; what is no address is asked once more. */
export async function mustLeave({ use }: HostedPages, { project }: Visit, email: string): Promise<boolean> {
  if (email === '' || parseEmailAddress(email) === null) return false
  return (await use.discoverSso.execute(project, email)).required
}
