import { outsideText } from '@portico/kernel/outside-text'
import { readDigits } from '@portico/kernel/typed-code'
import { Secret, TOTP } from 'otpauth'

/** RFC 6238 as every authenticator app understands it without being told: SHA-1, 6 digits, 30 seconds. */
const ALGORITHM = 'SHA1'
const DIGITS = 6
const PERIOD_SECONDS = 30
/** RFC 6238, 5.2: one step either way, for clocks that differ and for slow fingers. */
const WINDOW_STEPS = 1
/** RFC 4226, 4: the recommended length of the seed, in bytes. */
export const TOTP_SEED_BYTES = 20

export interface TotpEnrolment {
  /** `otpauth://totp/…`; holds the seed. */
  uri: string
  /** The seed in base32, for typing it in. */
  secret: string
}

/** What an authenticator app needs to take the seed. `issuer` and `account` are only shown to the person. */
export function enrolTotp(seed: Buffer, { issuer, account }: { issuer: string; account: string }): TotpEnrolment {
  const totp = totpOf(seed, { issuer: label(issuer), label: label(account) })
  return { uri: totp.toString(), secret: totp.secret.base32 }
}

/** A code of an authenticator app as people type it; `null`: this is none. */
export function readTotpCode(typed: string): string | null {
  return readDigits(typed, DIGITS)
}

/**
 * The time step that the code is of, or `null` when it is wrong. A step at or before `lastAcceptedStep` is refused:
 * a code is good for one use only, and so is every earlier one (RFC 6238, 5.2).
 */
export function acceptedTotpStep(
  seed: Buffer,
  typed: string,
  { now, lastAcceptedStep }: { now: Date; lastAcceptedStep: number | null },
): number | null {
  const code = readTotpCode(typed)
  if (code === null) return null
  const delta = totpOf(seed).validate({ token: code, timestamp: now.getTime(), window: WINDOW_STEPS })
  if (delta === null) return null
  const step = Math.floor(now.getTime() / 1000 / PERIOD_SECONDS) + delta
  return lastAcceptedStep !== null && step <= lastAcceptedStep ? null : step
}

function totpOf(seed: Buffer, names: { issuer?: string; label?: string } = {}): TOTP {
  // A copy of exactly these bytes: a small Buffer is a window on a shared pool.
  const secret = new Secret({ buffer: Uint8Array.from(seed).buffer })
  return new TOTP({ ...names, secret, algorithm: ALGORITHM, digits: DIGITS, period: PERIOD_SECONDS })
}

/** Key URI format: a colon separates issuer and account, so neither may hold one. */
function label(text: string): string {
  return outsideText(text.replaceAll(':', ' '), 128) ?? 'account'
}
