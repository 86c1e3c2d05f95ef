import {
  type AuthClient,
  type AuthClientOptions,
  createAuthClient,
  isPorticoAuthError,
  memoryStorage,
  PorticoAuthError,
} from './auth-client.js'
import { emailCode } from './email-code.js'
import { magicLink } from './magic-link.js'
import { mfa } from './mfa.js'
import { passkeys } from './passkeys.js'
import { social } from './social.js'

// The script is served under the AUTH_URL itself: <AUTH_URL>/sdk/portico-auth.js.
const source = (document.currentScript as HTMLScriptElement | null)?.src ?? ''
const served = /^(.*)\/sdk\/portico-auth\.js([?#].*)?$/.exec(source)?.[1]

const PorticoAuth = {
  /** As in the package; `url` may be left out when the page loads this script from its AUTH_URL. */
  createAuthClient: (options: Partial<AuthClientOptions> = {}): AuthClient =>
    createAuthClient({ ...options, url: options.url ?? served ?? '' }),
  emailCode,
  isPorticoAuthError,
  magicLink,
  memoryStorage,
  mfa,
  passkeys,
  social,
  PorticoAuthError,
}

;(globalThis as { PorticoAuth?: typeof PorticoAuth }).PorticoAuth = PorticoAuth
