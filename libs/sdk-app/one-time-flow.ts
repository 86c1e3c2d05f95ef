import type { AuthCore } from './auth-core.js'
import { PorticoAuthError } from './portico-auth-error.js'

/** What this browser must find again when it comes back with a code: the verifier of RFC 7636, and what the code is for. */
export interface Flow {
  verifier: string
  purpose: 'sign_in' | 'link' | 'sign_up'
}

interface KeptFlow extends Flow {
  expiresAt: number
}

/** RFC 7636, as the server's bodies name it. */
export interface ProofKey {
  codeChallenge: string
  codeChallengeMethod: 'S256'
}

const TEN_MINUTES_MS = 600_000
/** Longer than any mailed link is good for. */
export const DAY_MS = 86_400_000

/**
 * Makes a proof key, keeps its verifier under `state` in the client's storage, and answers what the server is told of it. Begun again under
 * the same `state` it keeps its verifier: of two mails asked for within a minute only the first is sent, and its link must work in this
 * browser.
 */
export async function beginFlow(core: AuthCore, state: string, purpose: Flow['purpose'], lifetimeMs = TEN_MINUTES_MS): Promise<ProofKey> {
  const flows = await readFlows(core)
  const verifier = flows[state]?.verifier ?? randomText()
  flows[state] = { verifier, purpose, expiresAt: Date.now() + lifetimeMs }
  await writeFlows(core, flows)
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  return { codeChallenge: base64url(digest), codeChallengeMethod: 'S256' }
}

/** Without taking it; `null` when this browser began none. */
export async function peekFlow(core: AuthCore, state: string): Promise<Flow | null> {
  return (await readFlows(core))[state] ?? null
}

/** Once only. Throws `flow_not_found`: the code of somebody else's sign-in must not become this browser's session. */
export async function takeFlow(core: AuthCore, state: string): Promise<Flow> {
  const { [state]: flow, ...rest } = await readFlows(core)
  if (!flow) throw new PorticoAuthError({ code: 'flow_not_found', message: 'This sign-in was not begun here, or too long ago.' })
  await writeFlows(core, rest)
  return flow
}

/** Whether this browser waits for an answer under `state`. */
export const hasFlow = async (core: AuthCore, state: string): Promise<boolean> => Object.hasOwn(await readFlows(core), state)

const keyOf = (core: AuthCore) => `${core.storageKey}.flows`

async function readFlows(core: AuthCore): Promise<Record<string, KeptFlow>> {
  try {
    const flows = JSON.parse((await core.storage.getItem(keyOf(core))) ?? '{}') as Record<string, KeptFlow>
    return Object.fromEntries(Object.entries(flows).filter(([, flow]) => flow.expiresAt > Date.now()))
  } catch {
    return {}
  }
}

async function writeFlows(core: AuthCore, flows: Record<string, KeptFlow>): Promise<void> {
  if (Object.keys(flows).length === 0) await core.storage.removeItem(keyOf(core))
  else await core.storage.setItem(keyOf(core), JSON.stringify(flows))
}

/** 256 random bits. */
export const randomText = () => base64url(crypto.getRandomValues(new Uint8Array(32)).buffer)

export function base64url(bytes: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}
