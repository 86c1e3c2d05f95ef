import type { AuthClient } from './auth-client.js'
import { sendFor } from './enrolment-call.js'
import type { components } from './generated.js'
import type { FreshProof } from './mfa.js'
import { PorticoAuthError, type PorticoAuthErrorCode } from './portico-auth-error.js'
import type { Session, SessionAnswer } from './session.js'
import { creationOptions, credentialJson, requestOptions } from './webauthn-json.js'

export type Passkey = components['schemas']['Passkey']

export interface RegisteredPasskey {
  session: Session
  passkey: Passkey
  /** With the first factor: ten codes, each good once in place of a factor. Shown only now. */
  recoveryCodes: string[] | null
}

export interface AuthenticateWithPasskey {
  /** The passkey as second factor of a sign-in that answered `mfaRequired`. Without it, any passkey of this site signs in alone. */
  mfaToken?: string
  /**
   * Offers passkeys in the autofill of an `<input autocomplete="username webauthn">`, and waits until the person takes one. Call it once
   * when the log-in page opens, where `canAutofill()`; any other call of this module ends the wait with `passkey_cancelled`.
   */
  autofill?: boolean
  signal?: AbortSignal
}

export interface Passkeys {
  /** Whether this page can use passkeys at all. */
  supported(): boolean
  canAutofill(): Promise<boolean>
  /**
   * Makes a passkey for the signed-in user, or for the one whose sign-in answered `mfaEnrolmentRequired`. Throws `passkey_exists`,
   * `passkey_cancelled`, `second_factor_required`, `reauthentication_required`.
   */
  register(input?: FreshProof & { friendlyName?: string; mfaToken?: string }): Promise<RegisteredPasskey>
  /** Throws `passkey_cancelled`, `passkey_refused`, `email_not_confirmed`. */
  authenticate(input?: AuthenticateWithPasskey): Promise<Session>
  /** A passkey as fresh second factor in the session that is going on. */
  stepUp(input?: { signal?: AbortSignal }): Promise<Session>
  list(): Promise<Passkey[]>
  rename(passkeyId: string, friendlyName: string): Promise<Passkey>
  /** Throws `last_way_in`, `second_factor_required`. */
  remove(passkeyId: string, proof?: FreshProof): Promise<void>
}

type Json = Record<string, unknown>

// The server forgets a challenge after five minutes; a waiting autofill gets a new one before.
const AUTOFILL_ROUND_MS = 240_000

/** Passkeys, alone or as second factor. In the browser only. */
export function passkeys({ core }: AuthClient): Passkeys {
  let underWay: AbortController | undefined

  /** One question at a time: browsers refuse a second one, also while autofill waits. */
  function begin(signal?: AbortSignal): AbortSignal {
    if (!supported()) throw new PorticoAuthError({ code: 'passkeys_unsupported', message: 'Passkeys do not work here.' })
    underWay?.abort()
    underWay = abortedWith(signal)
    return underWay.signal
  }

  const optionsFor = (body: object) => core.send<Json>({ method: 'POST', path: '/webauthn/authenticate/options', body })
  const get = (options: Json, signal: AbortSignal) => answered(navigator.credentials.get({ publicKey: requestOptions(options), signal }))

  async function waitForAutofill(signal: AbortSignal): Promise<object> {
    for (;;) {
      const publicKey = requestOptions(await optionsFor({}))
      const round = abortedWith(signal)
      const timer = setTimeout(() => round.abort(), AUTOFILL_ROUND_MS)
      try {
        return await answered(navigator.credentials.get({ publicKey, mediation: 'conditional', signal: round.signal }))
      } catch (error) {
        if (signal.aborted || !round.signal.aborted) throw error
      } finally {
        clearTimeout(timer)
        // Its listener goes with it.
        round.abort()
      }
    }
  }

  return {
    supported,
    canAutofill: async () =>
      supported() && Boolean(await (PublicKeyCredential as Partial<typeof PublicKeyCredential>).isConditionalMediationAvailable?.()),
    async register({ friendlyName, ...body } = {}) {
      const signal = begin()
      const { mfaToken } = body
      const send = <T>(path: string, input: object) => sendFor<T>(core, mfaToken, path, input)
      const publicKey = creationOptions(await send<Json>('/webauthn/register/options', body))
      const credential = await answered(navigator.credentials.create({ publicKey, signal }))
      // What is undefined is left out of the JSON.
      const named = { credential, friendlyName, mfaToken }
      const answer = await send<components['schemas']['RegisteredPasskey']>('/webauthn/register/verify', named)
      const session = await (mfaToken === undefined ? core.raiseSession(answer) : core.startSession(answer))
      return { session, passkey: answer.passkey, recoveryCodes: answer.recoveryCodes ?? null }
    },
    async authenticate({ mfaToken, autofill = false, signal: stop } = {}) {
      const signal = begin(stop)
      const alone = mfaToken === undefined
      const credential = autofill && alone ? await waitForAutofill(signal) : await get(await optionsFor({ mfaToken }), signal)
      const path = alone ? '/webauthn/authenticate/verify' : '/mfa/verify'
      return core.startSession(await core.send<SessionAnswer>({ method: 'POST', path, body: { mfaToken, credential } }))
    },
    async stepUp({ signal: stop } = {}) {
      const signal = begin(stop)
      const challenge = (body: object) =>
        core.sendAuthorized<SessionAnswer & { options?: Json }>({ method: 'POST', path: '/mfa/challenge', body })
      // With an age of nothing there is always a factor to prove, and so options to prove it with.
      const { options } = await challenge({ maxAge: 0 })
      if (!options) throw new PorticoAuthError({ code: 'not_found', message: 'This account has no passkey.', status: 404 })
      return core.raiseSession(await challenge({ credential: await get(options, signal) }))
    },
    list: async () => (await core.sendAuthorized<{ data: Passkey[] }>({ method: 'GET', path: '/webauthn/credentials' })).data,
    rename: (passkeyId, friendlyName) => core.sendAuthorized({ method: 'PATCH', path: pathOf(passkeyId), body: { friendlyName } }),
    async remove(passkeyId, proof = {}) {
      await core.sendAuthorized({ method: 'DELETE', path: pathOf(passkeyId), body: proof })
    },
  }
}

const pathOf = (passkeyId: string) => `/webauthn/credentials/${encodeURIComponent(passkeyId)}`

const supported = () => typeof PublicKeyCredential !== 'undefined' && typeof navigator !== 'undefined' && 'credentials' in navigator

function abortedWith(signal?: AbortSignal): AbortController {
  const controller = new AbortController()
  if (signal?.aborted) controller.abort()
  signal?.addEventListener('abort', () => controller.abort(), { signal: controller.signal })
  return controller
}

async function answered(ceremony: Promise<Credential | null>): Promise<object> {
  try {
    const credential = await ceremony
    if (!credential) throw new DOMException('No credential', 'NotAllowedError')
    return credentialJson(credential as PublicKeyCredential)
  } catch (cause) {
    throw refusal(cause)
  }
}

function refusal(cause: unknown): unknown {
  const name = String((cause as Partial<Error> | null)?.name)
  const because = (code: PorticoAuthErrorCode, message: string) => new PorticoAuthError({ code, message, cause })
  if (['NotAllowedError', 'AbortError'].includes(name)) return because('passkey_cancelled', 'No passkey was used.')
  if (name === 'InvalidStateError') return because('passkey_exists', 'This device has a passkey of this account.')
  if (['SecurityError', 'NotSupportedError'].includes(name)) return because('passkeys_unsupported', 'Passkeys do not work here.')
  return cause
}
