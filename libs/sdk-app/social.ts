import type { AuthClient } from './auth-client.js'
import type { components } from './generated.js'
import { snakeKeys } from './key-case.js'
import { beginFlow, hasFlow, randomText, takeFlow } from './one-time-flow.js'
import { readAnswer } from './page-answer.js'
import { PorticoAuthError } from './portico-auth-error.js'
import type { SignInResult } from './session.js'

export type Identity = components['schemas']['Identity']
/** `oidc:<name>` is a provider of the project's own. */
export type Provider = 'google' | 'github' | 'microsoft' | 'apple' | 'gitlab' | `oidc:${string}`

export interface SocialStart {
  /** Where the browser comes back to: exactly one of the project's redirect URLs. Its site when absent. */
  redirectTo?: string
  /** How to get there; the page's own `location.assign` when absent. `false`: nowhere, the address is in the answer. */
  open?: ((url: string) => unknown) | false
}

export type SocialResult = (SignInResult & { linked?: undefined }) | { linked: Identity; mfaRequired?: false; mfaEnrolmentRequired?: false }

export interface Social {
  /** Sends the browser to the provider; answers the address. */
  start(provider: Provider, options?: SocialStart): Promise<string>
  /**
   * On the page that `redirectTo` names: completes what was begun in this browser, a sign-in or a link, and takes the code out of the
   * address bar. `null` when the address carries no answer of a flow of ours; what it carries for others stays. Throws the provider's
   * refusal (`access_denied`, `email_taken`, `identity_taken`,
   * `email_not_verified`, …), `flow_not_found`, `invalid_or_expired_token`.
   */
  exchange(url?: string | URL): Promise<SocialResult | null>
  /** Links a provider to the signed-in user. With the password, or a log-in of the last ten minutes, else `reauthentication_required`. */
  link(provider: Provider, options?: SocialStart & { password?: string }): Promise<string>
  /** `subject` when several accounts of one provider are linked. Throws `last_way_in`, `reauthentication_required`. */
  unlink(provider: Provider, options?: { subject?: string; password?: string }): Promise<void>
  /** What is linked to the signed-in user. */
  identities(): Promise<Identity[]>
}

/** Begins every state of ours, so that one of a flow that is over is told from other people's. */
const OURS = 'portico.'

/** Signing in with somebody else's account: authorization code with PKCE, so that no token ever stands in an address. */
export function social({ core }: AuthClient): Social {
  const go = (url: string, open: SocialStart['open'] = typeof location === 'undefined' ? false : (target) => location.assign(target)) => {
    if (open) open(url)
    return url
  }
  return {
    async start(provider, { redirectTo, open } = {}) {
      const state = OURS + randomText()
      const proof = await beginFlow(core, state, 'sign_in')
      const query = new URLSearchParams(snakeKeys({ ...proof, state, ...(redirectTo && { redirectTo }) }) as Record<string, string>)
      return go(`${core.url}/oauth/${provider}/start?${query}`, open)
    },
    async exchange(url) {
      const answer = readAnswer(url, ['code', 'state', 'error', 'error_description'])
      const [code, state, refusal] = [answer.get('code'), answer.get('state') ?? '', answer.get('error')]
      // Other libraries' codes and errors come to the same page: what has not our state is theirs, and stays where it is.
      if ((code === null && refusal === null) || !(state.startsWith(OURS) || (await hasFlow(core, state)))) return null
      answer.take()
      // A refusal is believed only for a flow of this browser, like a code: anybody can make up an address.
      const { verifier, purpose } = await takeFlow(core, state)
      if (code === null)
        throw new PorticoAuthError({
          code: refusal ?? '',
          message: answer.get('error_description') ?? 'The provider did not sign you in.',
          status: 403,
        })
      const body = { code, codeVerifier: verifier }
      if (purpose === 'sign_in') return core.signIn({ method: 'POST', path: '/token/exchange', body })
      return {
        linked: (await core.sendAuthorized<{ identity: Identity }>({ method: 'POST', path: '/identities/complete', body })).identity,
      }
    },
    async link(provider, { redirectTo, password, open } = {}) {
      const state = OURS + randomText()
      const proof = await beginFlow(core, state, 'link')
      const body = { ...proof, state, redirectTo: redirectTo || undefined, password }
      return go((await core.sendAuthorized<{ url: string }>({ method: 'POST', path: `/identities/${provider}/start`, body })).url, open)
    },
    async unlink(provider, { subject, password } = {}) {
      const path = `/identities/${provider}${subject === undefined ? '' : `/${encodeURIComponent(subject)}`}`
      await core.sendAuthorized({ method: 'DELETE', path, body: { password } })
    },
    identities: async () => (await core.sendAuthorized<{ data: Identity[] }>({ method: 'GET', path: '/identities' })).data,
  }
}
