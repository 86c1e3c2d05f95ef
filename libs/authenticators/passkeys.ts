import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import { bytes, isObject, readClientData, refuseFramed } from './client-data.js'

// Loaded with the first passkey: it brings a whole ASN.1 library, a seventh of the start of a process that may never see one.
const webauthn = () => import('@simplewebauthn/server')

/** Who we are to an authenticator. */
export interface RelyingParty {
  /** A domain name; credentials belong to it. */
  id: string
  /** The pages that may use them, each as `https://host[:port]`. */
  origins: readonly string[]
}

/** COSE: ES256, EdDSA, RS256; together every authenticator in use. */
const ALGORITHMS = [-7, -8, -257]

export interface StoredPasskey {
  credentialId: Buffer
  transports: readonly string[]
}

/** What `navigator.credentials.create()` is given, in the JSON form of WebAuthn Level 3, 5.1.8. */
export async function registrationOptions(input: {
  rp: RelyingParty
  rpName: string
  /** Opaque to the authenticator; must hold nothing personal (WebAuthn, 14.6.1). */
  userHandle: Buffer
  userName: string
  challenge: Buffer
  timeoutSeconds: number
  /** The user's own: an authenticator that has one of them is not registered twice. */
  exclude: readonly StoredPasskey[]
}) {
  const { generateRegistrationOptions } = await webauthn()
  return generateRegistrationOptions({
    rpID: input.rp.id,
    rpName: input.rpName,
    userID: Uint8Array.from(input.userHandle),
    userName: input.userName,
    userDisplayName: input.userName,
    challenge: Uint8Array.from(input.challenge),
    timeout: input.timeoutSeconds * 1000,
    attestationType: 'none',
    excludeCredentials: input.exclude.map(descriptor),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
    extensions: { credProps: true },
    supportedAlgorithmIDs: ALGORITHMS,
  })
}

/** What `navigator.credentials.get()` is given. An empty `allow` asks for a discoverable credential: the user is not named. */
export async function authenticationOptions(input: {
  rp: RelyingParty
  challenge: Buffer
  timeoutSeconds: number
  allow: readonly StoredPasskey[]
  userVerification: 'required' | 'preferred'
}) {
  const { generateAuthenticationOptions } = await webauthn()
  return generateAuthenticationOptions({
    rpID: input.rp.id,
    challenge: Uint8Array.from(input.challenge),
    timeout: input.timeoutSeconds * 1000,
    userVerification: input.userVerification,
    allowCredentials: input.allow.map(descriptor),
  })
}

/** What of an authenticator's answer is needed before it can be checked. Everything in it is the caller's word. */
export interface UncheckedAnswer {
  credentialId: Buffer
  challenge: Buffer
  /** Absent from credentials that are not discoverable. */
  userHandle: Buffer | null
}

/** `null` when the value has not the shape of an answer. */
export function readAnswer(credential: Record<string, unknown>): UncheckedAnswer | null {
  const { id, response } = credential
  if (typeof id !== 'string' || !isObject(response) || typeof response['clientDataJSON'] !== 'string') return null
  // Safari sends an empty one where there is none.
  const userHandle = response['userHandle'] === '' ? null : (response['userHandle'] ?? null)
  if (userHandle !== null && typeof userHandle !== 'string') return null
  try {
    const { challenge } = readClientData(response['clientDataJSON'])
    if (typeof challenge !== 'string') return null
    return { credentialId: bytes(id), challenge: bytes(challenge), userHandle: userHandle === null ? null : bytes(userHandle) }
  } catch {
    return null
  }
}

export interface NewPasskey {
  credentialId: Buffer
  /** COSE key. */
  publicKey: Buffer
  signCount: number
  transports: string[]
  aaguid: string
  userVerified: boolean
  /** Found by its authenticator without a list of ids; `null`: unknown. */
  discoverable: boolean | null
  /** May leave the device it was made on, for example into a password manager's cloud. */
  backupEligible: boolean
  backedUp: boolean
}

/** Checks a registration as WebAuthn, 7.1 says; `null` when anything is wrong. `onRefusal` hears why, for the log. */
export async function verifyRegistration(
  credential: Record<string, unknown>,
  { rp, challenge, onRefusal }: { rp: RelyingParty; challenge: Buffer; onRefusal?: (cause: unknown) => void },
): Promise<NewPasskey | null> {
  try {
    const response = credential as unknown as RegistrationResponseJSON
    refuseFramed(response.response.clientDataJSON)
    if (!(await withoutCertificates(response.response.attestationObject))) throw new Error('an attestation was sent that was not requested')
    const { verifyRegistrationResponse } = await webauthn()
    const checked = await verifyRegistrationResponse({
      response,
      expectedChallenge: challenge.toString('base64url'),
      expectedOrigin: [...rp.origins],
      expectedRPID: rp.id,
      requireUserVerification: false,
      supportedAlgorithmIDs: ALGORITHMS,
    })
    if (!checked.verified) return null
    const { credential: made, aaguid, userVerified, credentialDeviceType, credentialBackedUp } = checked.registrationInfo
    if (made.id !== credential['id']) throw new Error('the authenticator made another credential than the answer names')
    const backupEligible = credentialDeviceType === 'multiDevice'
    return {
      credentialId: bytes(made.id),
      publicKey: Buffer.from(made.publicKey),
      signCount: made.counter,
      transports: knownTransports(response.response.transports),
      aaguid,
      userVerified,
      discoverable: discoverable(credential['clientExtensionResults'], backupEligible),
      backupEligible,
      backedUp: credentialBackedUp,
    }
  } catch (error) {
    onRefusal?.(error)
    return null
  }
}

export interface CheckedAssertion {
  signCount: number
  userVerified: boolean
  backedUp: boolean
}

/**
 * Checks an assertion as WebAuthn Level 3, 7.2 says, but for the sign count: the sign count is compared where it is stored, in the
 * statement that raises it.
 * `null` when anything is wrong.
 */
export async function verifyAssertion(
  credential: Record<string, unknown>,
  input: {
    rp: RelyingParty
    challenge: Buffer
    passkey: { credentialId: Buffer; publicKey: Buffer; backupEligible: boolean }
    requireUserVerification: boolean
    onRefusal?: (cause: unknown) => void
  },
): Promise<CheckedAssertion | null> {
  try {
    const response = credential as unknown as AuthenticationResponseJSON
    refuseFramed(response.response.clientDataJSON)
    const { verifyAuthenticationResponse } = await webauthn()
    const checked = await verifyAuthenticationResponse({
      response,
      expectedChallenge: input.challenge.toString('base64url'),
      expectedOrigin: [...input.rp.origins],
      expectedRPID: input.rp.id,
      requireUserVerification: input.requireUserVerification,
      credential: { id: input.passkey.credentialId.toString('base64url'), publicKey: Uint8Array.from(input.passkey.publicKey), counter: 0 },
    })
    if (!checked.verified) return null
    const { newCounter, userVerified, credentialBackedUp, credentialDeviceType } = checked.authenticationInfo
    // Step 19: whether a credential can be backed up is settled when it is made.
    if ((credentialDeviceType === 'multiDevice') !== input.passkey.backupEligible)
      throw new Error('the backup eligibility of the credential changed')
    return { signCount: newCounter, userVerified, backedUp: credentialBackedUp }
  } catch (error) {
    input.onRefusal?.(error)
    return null
  }
}

const TRANSPORTS = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb']

function knownTransports(given: unknown): string[] {
  return Array.isArray(given) ? TRANSPORTS.filter((transport) => given.includes(transport)) : []
}

function descriptor({ credentialId, transports }: StoredPasskey) {
  return { id: credentialId.toString('base64url'), transports: [...transports] }
}

/** WebAuthn, 10.1.3 (credProps). Synced passkeys are discoverable by their nature, also where the browser does not say so. */
function discoverable(extensions: unknown, backupEligible: boolean): boolean | null {
  const props = isObject(extensions) ? extensions['credProps'] : undefined
  const told = isObject(props) ? props['rk'] : undefined
  if (typeof told === 'boolean') return told
  return backupEligible ? true : null
}

/** We ask for no attestation. Certificates that come anyway are the sender's, and checking them can mean fetching what they point to. */
async function withoutCertificates(attestationObject: string): Promise<boolean> {
  const { decodeAttestationObject, isoBase64URL } = await import('@simplewebauthn/server/helpers')
  const decoded = decodeAttestationObject(isoBase64URL.toBuffer(attestationObject))
  const format = decoded.get('fmt')
  return format === 'none' || (format === 'packed' && decoded.get('attStmt').get('x5c') === undefined)
}
