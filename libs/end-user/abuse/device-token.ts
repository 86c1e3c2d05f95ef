import { constantTimeEqual } from '@portico/crypto/constant-time'
import { hmacSha256 } from '@portico/crypto/hmac'
import { lengthPrefixed } from '@portico/crypto/length-prefixed'
import { addSeconds, DAY_SECONDS } from '@portico/kernel/duration'
import type { Entropy } from '@portico/kernel/entropy'

/** A device that has shown the password of an account. */
export interface Device {
  /** Random, and the same as long as the token is carried on: what its failures are counted under. */
  id: string
  issuedAt: Date
  /** Which password it has shown. */
  passwordMark: Buffer
  /** As it was sent. */
  token: string
}

/** Whose device: addresses are normalised. */
interface Owner {
  /** The project's own; with that of another project nothing is genuine. */
  key: Buffer
  address: string
}

const ID_BYTES = 12
const TIME_BYTES = 6
const MARK_BYTES = 8
const MAC_BYTES = 16
const SIGNED_BYTES = ID_BYTES + TIME_BYTES + MARK_BYTES

/** People of one household share a browser; whoever asks for more is known for the last ones. */
const MOST_HELD = 5
/** Longer than a browser keeps a cookie (400 days) helps nobody. */
export const DEVICE_SECONDS = 400 * DAY_SECONDS
/** The newest form of it is handed out again after this, so that a device in use is never forgotten. */
const RENEW_SECONDS = 30 * DAY_SECONDS

/** Longest text of a request that is looked at: `MOST_HELD` tokens of 56 characters with the dots between them. */
export const MAX_DEVICE_TOKEN = 300

/**
 * The device cookie of OWASP («Slow Down Online Guessing Attacks with Device Cookies»): whoever has once signed in from a device is counted
 * by that device, so that strangers who use up the attempts of an account do not lock its owner out. It signs nobody in and is worth as
 * many guesses as any stranger has. Computed and not stored; several accounts of a device stand side by side, joined by dots.
 *
 * Bound to the password that was shown: who knew an old one has no device any more.
 */
export function genuineDevices({ key, address }: Owner, held: string | undefined, now: Date): Device[] {
  if (held === undefined || held === '' || held.length > MAX_DEVICE_TOKEN) return []
  return held.split('.').flatMap((token) => {
    const bytes = Buffer.from(token, 'base64url')
    if (bytes.length !== SIGNED_BYTES + MAC_BYTES || bytes.toString('base64url') !== token) return []
    const signed = bytes.subarray(0, SIGNED_BYTES)
    if (!constantTimeEqual(macOf(key, address, signed), bytes.subarray(SIGNED_BYTES))) return []
    const issuedAt = new Date(signed.readUIntBE(ID_BYTES, TIME_BYTES))
    if (addSeconds(issuedAt, DEVICE_SECONDS) <= now) return []
    const id = signed.subarray(0, ID_BYTES).toString('base64url')
    return [{ id, issuedAt, passwordMark: signed.subarray(ID_BYTES + TIME_BYTES), token }]
  })
}

export function hasShown({ key }: Pick<Owner, 'key'>, device: Device, passwordHash: string): boolean {
  return constantTimeEqual(device.passwordMark, passwordMark(key, passwordHash))
}

/**
 * What a device is to send from now on, after it has shown the password; `null`: what it has is fresh. The other accounts that it is known
 * for stay, the oldest goes.
 */
export function nextDeviceToken(
  owner: Owner,
  given: { held: string | undefined; known: Device | null; passwordHash: string; now: Date; entropy: Entropy },
): string | null {
  const { held, known, now } = given
  if (known && hasShown(owner, known, given.passwordHash) && addSeconds(known.issuedAt, RENEW_SECONDS) > now) return null
  const signed = Buffer.alloc(SIGNED_BYTES)
  const id = known ? Buffer.from(known.id, 'base64url') : given.entropy.bytes(ID_BYTES)
  id.copy(signed)
  signed.writeUIntBE(now.getTime(), ID_BYTES, TIME_BYTES)
  passwordMark(owner.key, given.passwordHash).copy(signed, ID_BYTES + TIME_BYTES)
  const token = Buffer.concat([signed, macOf(owner.key, owner.address, signed)]).toString('base64url')
  const stale = new Set(genuineDevices(owner, held, now).map((device) => device.token))
  const others = (held ?? '').length > MAX_DEVICE_TOKEN ? [] : (held ?? '').split('.').filter((other) => isToken(other) && !stale.has(other))
  return [...others, token].slice(-MOST_HELD).join('.')
}

/** Of another account: only what has the form is carried on. */
function isToken(text: string): boolean {
  return text.length === Math.ceil(((SIGNED_BYTES + MAC_BYTES) * 4) / 3) && /^[\w-]+$/.test(text)
}

function macOf(key: Buffer, address: string, signed: Buffer): Buffer {
  return hmacSha256(key, lengthPrefixed(['device', address, signed.toString('base64url')])).subarray(0, MAC_BYTES)
}

function passwordMark(key: Buffer, passwordHash: string): Buffer {
  return hmacSha256(key, lengthPrefixed(['password', passwordHash])).subarray(0, MARK_BYTES)
}
