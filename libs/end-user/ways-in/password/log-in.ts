import type { HashPlace } from '@portico/crypto/hash-queue'
import type { PasswordHasher } from '@portico/crypto/password-hasher'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { Caller } from '../../caller.js'
import type { Device } from '../../abuse/device-token.js'
import { type Credential, findCredential } from '../../records/end-user-search.store.js'
import { requireEmailProvider } from '../../project/require-provider.js'
import { readEmail } from '../../read-email.js'
import { draftSession } from '../../records/session-draft.js'
import type { AdmitPassword } from '../../steps/admit-password.js'
import type { KnownDevices } from '../../steps/known-devices.js'
import type { RefusedSignIns } from '../../steps/refused-sign-ins.js'
import type { TokenIssuer } from '../../steps/token-issuer.js'
import { startSessionWithTokens } from '../../steps/start-session.js'
import type { SignInResult } from '../../steps/sign-in-result.js'

export interface LogInInput {
  email: string
  password: string
  /** What this device was given when it signed in before: see `abuse/device-token`. */
  deviceToken?: string | undefined
}

interface Attempted {
  /** Normalised. */
  address: string
  password: string
  deviceToken: string | undefined
  place: HashPlace
}

interface Admitted extends Attempted {
  device: Device | null
  /** Read already, to know the device; `undefined`: it was not. */
  credential: Credential | undefined
}

interface Refused {
  /** For the operator's audit log; the answer is the same for the first four. */
  refused: 'unknown_address' | 'no_password' | 'wrong_password' | 'account_disabled' | 'address_not_confirmed' | 'changed_meanwhile'
  userId: string | null
  /** Whether the answer says that the address is to be confirmed. */
  told: boolean
}

const CHANGED_MEANWHILE: Refused = { refused: 'changed_meanwhile', userId: null, told: false }

/**
 * Email and password for a session, or for the second factor that must come before it.
 * Unknown address, wrong password and disabled account cost one hash each and answer the same.
 */
export class LogIn {
  constructor(
    private readonly db: ProjectDb,
    private readonly hasher: PasswordHasher,
    private readonly issuer: TokenIssuer,
    private readonly admission: AdmitPassword,
    private readonly devices: KnownDevices,
    private readonly refusals: RefusedSignIns,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  async execute(project: ProjectRecord, input: LogInInput, caller: Caller): Promise<SignInResult> {
    requireEmailProvider(project)
    const address = readEmail(input.email)
    const place = this.hasher.hold(project.scope)
    try {
      const { password, deviceToken } = input
      return await this.#attempt(project, { address: address.normalised, password, deviceToken, place }, caller)
    } finally {
      place.release()
    }
  }

  async #attempt(project: ProjectRecord, given: Attempted, caller: Caller): Promise<SignInResult> {
    const known = await this.devices.find(project, given.address, given.deviceToken)
    const attempt = await this.admission.execute(project, given.address, caller, known?.device.id ?? null)
    const admitted = { ...given, device: known?.device ?? null, credential: known?.credential }
    // A second try only when the stored hash changed between check and start: two logins at once may both have upgraded it.
    const outcome =
      (await this.#try(project, admitted, caller)) ?? (await this.#try(project, { ...admitted, credential: undefined }, caller))
    if (outcome !== null && !('refused' in outcome)) {
      await attempt.succeeded()
      return outcome
    }
    const { refused: reason, userId, told } = outcome ?? CHANGED_MEANWHILE
    await this.refusals.record(project, { method: 'password', reason, userId, subject: given.address, address: given.address }, caller)
    await (told ? attempt.succeeded() : attempt.failed())
    throw new AuthError(told ? 'email_not_confirmed' : 'invalid_credentials')
  }

  /** `null`: the account changed while its password was being checked. */
  async #try(project: ProjectRecord, given: Admitted, caller: Caller): Promise<SignInResult | Refused | null> {
    const { settings } = project
    const { address, password, place } = given
    const request = { projectId: project.scope.projectId, signal: caller.signal, place }
    const credential = given.credential ?? (await findCredential(this.db, project, address))
    const hash = credential?.passwordHash ?? null
    const check =
      hash === null ? await this.hasher.verifyAgainstDummy(password, request) : await this.hasher.verify(hash, password, request)
    const refused = refusalOf(credential, check.ok)
    if (refused !== null || !credential || hash === null)
      return { refused: refused ?? 'unknown_address', userId: credential?.userId ?? null, told: false }
    // In private mode nothing may tell that an account is new: the person who signed an address up knows its password.
    const quiet = settings.signup_mode === 'private'
    if (!credential.emailVerified && (quiet || settings.require_email_confirmation))
      return { refused: 'address_not_confirmed', userId: credential.userId, told: !quiet }
    const { userId } = credential
    const newHash = check.needsRehash ? await this.hasher.hash(password, request) : null
    const draft = draftSession(this.entropy, this.clock.now(), ['pwd'], caller)
    // The gate may refuse what the password opened: too many sessions, a company's own sign-in, the app.
    const result = await this.refusals.watch(project, { method: 'password', userId, subject: address, address }, caller, () =>
      startSessionWithTokens(this.db, this.issuer, project, { userId, checkedHash: hash, newHash, draft }),
    )
    if (!result) return null
    const shown = { address, passwordHash: newHash ?? hash, held: given.deviceToken, device: given.device }
    return { ...result, deviceToken: this.devices.next(project, shown) }
  }
}

function refusalOf(credential: Credential | null, right: boolean): Refused['refused'] | null {
  if (!credential) return 'unknown_address'
  if (credential.passwordHash === null) return 'no_password'
  if (!right) return 'wrong_password'
  return credential.disabled ? 'account_disabled' : null
}
