import { DAY_SECONDS } from '@portico/kernel/duration'
import { relyingPartyId } from '@portico/kernel/relying-party-id'
import type { ConsoleSettings } from '@portico/platform/console/console-project'

/** Where our own sign-in page, or an outside issuer, sends people back to. */
export function callbackUrl(publicUrl: string): string {
  return `${publicUrl}/api/v1/console/callback`
}

/** What an owner may not change: who may come in is the team's word, and where the console is the configuration's. */
export function fixedSettings({ places }: ConsoleSettings): readonly string[] {
  return [...new Set(['allow_signups', 'rp_id', ...Object.keys(places)])].toSorted()
}

/** How the people of the console sign in. Nobody signs up: the first owner is set up, others are invited. */
export function consoleSettings(publicUrl: string, dataPlanePublicUrl: string): ConsoleSettings {
  // Passkeys are made on the sign-in page, which is the data plane's.
  const rpId = relyingPartyId({ rp_id: null, site_url: dataPlanePublicUrl }, [])
  return {
    first: {
      allow_signups: false,
      providers: ['email', 'magic_link', 'passkey'],
      mfa: 'optional',
      session_idle_seconds: 7 * DAY_SECONDS,
      session_absolute_seconds: 30 * DAY_SECONDS,
    },
    places: {
      site_url: `${publicUrl}/console`,
      redirect_urls: [callbackUrl(publicUrl)],
      ...(rpId !== null && { rp_id: rpId }),
    },
  }
}
