import { TOTP, URI } from 'otpauth'

/** The code that an authenticator app shows for this URI. */
export function codeAt(uri: string, now: Date): string {
  const totp = URI.parse(uri)
  if (!(totp instanceof TOTP)) throw new Error('not a TOTP URI')
  return totp.generate({ timestamp: now.getTime() })
}
