import type { AuthClient } from './auth-client.js'
import { snakeKeys } from './key-case.js'
import { beginFlow, randomText } from './one-time-flow.js'
import type { SignInResult } from './session.js'
import { social, type SocialStart } from './social.js'

export interface HostedStart extends SocialStart {
  /** `sign-up` begins with a new account. */
  page?: 'sign-in' | 'sign-up'
  /** Language of the pages, such as `de`; the browser's when absent. */
  locale?: string
  /** An address to begin with. */
  loginHint?: string
}

export interface Hosted {
  /** Sends the browser to the hosted sign-in page; answers the address. The app needs no form of its own. */
  signInWithRedirect(options?: HostedStart): Promise<string>
  /**
   * On the page that `redirectTo` names: completes the sign-in and takes the code out of the address bar. `null` when the address carries
   * no answer of ours. Throws `flow_not_found` (begun in another browser), `invalid_or_expired_token`.
   */
  handleRedirect(url?: string | URL): Promise<SignInResult | null>
  /** Where signed-in people change their password, passkeys, devices and more. */
  accountUrl(options?: { locale?: string }): string
}

// As `social`, which takes the answer: what has not this in front is somebody else's.
const OURS = 'portico.'

/** The pages at `AUTH_URL`: authorization code with PKCE, so that no token ever stands in an address. */
export function hosted(auth: AuthClient): Hosted {
  const { core } = auth
  return {
    async signInWithRedirect({ page = 'sign-in', redirectTo, locale, loginHint, open } = {}) {
      const state = OURS + randomText()
      const proof = await beginFlow(core, state, 'sign_in')
      const asked = { ...proof, state, ...(redirectTo && { redirectTo }), ...(locale && { locale }), ...(loginHint && { loginHint }) }
      const url = `${core.url}/${page}?${new URLSearchParams(snakeKeys(asked) as Record<string, string>)}`
      const go = open ?? (typeof location === 'undefined' ? false : (target: string) => location.assign(target))
      if (go) go(url)
      return url
    },
    async handleRedirect(url) {
      const result = await social(auth).exchange(url)
      return result === null || result.linked !== undefined ? null : result
    },
    accountUrl: ({ locale } = {}) => `${core.url}/account${locale ? `?${new URLSearchParams({ locale })}` : ''}`,
  }
}
