import { html } from '@portico/http/html-page'
import type { Visit } from './hosted/visit.js'
import { alert, button, divider, hidden } from './look/controls.js'
import type { Content } from './look/frame.js'
import { providerIcon } from './look/icons.js'
import { donePage, newPasswordField, wayOn } from './mail-page.js'
import { providerName } from './provider-names.js'

/** The button behind a mailed sign-in link. Only pressing it spends the link. */
export function magicLinkPage(visit: Visit, token: string, formTargets: readonly string[]): Content {
  const { say } = visit
  const body = html`<form method="post" action="magic_link${visit.localeQuery}">${hidden('token', token)}
${button({ label: say('sign_in.button') })}</form>`
  return { title: say('magic.title'), lead: say('magic.lead'), body, formTargets }
}

/** The app asked for the mail without a proof key, so only the app itself can use the link. */
export function magicLinkForAppPage(visit: Visit): Content {
  return { title: visit.say('magic.app_title'), body: html`<p>${visit.say('magic.app')}</p>\n${wayOn(visit)}` }
}

export interface InvitationChoice {
  token: string
  /** Whether a password can be set. */
  password: boolean
  minPasswordLength: number
  /** Outside providers that are on. */
  providers: readonly string[]
  problem?: { status: number; message: string }
}

export function invitationPage(visit: Visit, choice: InvitationChoice): Content {
  const { say, localeQuery } = visit
  const { token, password, minPasswordLength, providers, problem } = choice
  const label = say('invitation.field')
  const own = password
    ? html`<form method="post" action="invitation${localeQuery}">${hidden('token', token)}
${newPasswordField(visit, label, minPasswordLength, { wrong: problem?.message ?? null, focus: providers.length === 0 || problem !== undefined })}
${button({ label: say('invitation.button') })}</form>`
    : alert(problem?.message)
  const others = html`<div class="stack">${providers.map(
    (provider) => html`<form method="post" action="invitation/${provider}${localeQuery}">${hidden('token', token)}
${button({ label: say('sign_in.with', { provider: providerName(provider) }), look: 'quiet', icon: providerIcon(provider) })}</form>`,
  )}</div>`
  return {
    title: say('invitation.title'),
    lead: choiceOf(visit, password, providers.length > 0),
    status: problem?.status ?? 200,
    body: html`${own}${password && providers.length > 0 ? divider(say('or')) : null}${others}
<p class="foot">${say('invitation.unexpected')}</p>`,
    // The provider's address is only known when the button is pressed; it is one that the operator configured.
    formsLeadAnywhere: providers.length > 0,
  }
}

function choiceOf({ say }: Visit, password: boolean, provider: boolean): string {
  if (password && provider) return say('invitation.both')
  return say(password ? 'invitation.password' : 'invitation.provider')
}

export const invitationAcceptedPage = (visit: Visit): Content => donePage(visit, visit.say('invitation.done'))

