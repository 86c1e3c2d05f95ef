import { HOOKS, type HookName } from '@portico/kernel/hooks'

export interface HookDecision {
  allow: boolean
  /** For people, plain text; `null`: the app said nothing. */
  message: string | null
  claims: Record<string, unknown>
  appMetadata: Record<string, unknown> | null
}

const MAX_MESSAGE = 300
const MAX_CLAIMS_BYTES = 2_048
export const MAX_APP_METADATA_BYTES = 2_048
// A URI, as RFC 7519 (4.2) wants names that collide with nobody's: `app:plan`, `https://app.example/plan`. No registered claim has a colon.
const CLAIM_NAME = /^[A-Za-z][A-Za-z0-9+.-]{0,40}:[\x21-\x7E]{1,120}$/
const CONTROL = /[\p{Cc}\u2028\u2029]/u

/** The closed schema of an answer; `null`: it is none. */
export function readHookAnswer(name: HookName, text: string): HookDecision | null {
  const body = parse(text)
  if (!body) return null
  const { decision, message = null, claims = {}, app_metadata: appMetadata = null, ...others } = body
  if (Object.keys(others).length > 0 || (decision !== 'allow' && decision !== 'deny')) return null
  if (message !== null && (typeof message !== 'string' || message.length > MAX_MESSAGE || CONTROL.test(message))) return null
  const answers: readonly string[] = HOOKS[name].answers
  if (!isObject(claims) || (!answers.includes('claims') && 'claims' in body) || !areClaims(claims)) return null
  if (appMetadata !== null && (!isObject(appMetadata) || !answers.includes('app_metadata') || bytes(appMetadata) > MAX_APP_METADATA_BYTES))
    return null
  return { allow: decision === 'allow', message: message === '' ? null : message, claims, appMetadata }
}

function areClaims(claims: Record<string, unknown>): boolean {
  return Object.keys(claims).every((name) => CLAIM_NAME.test(name)) && bytes(claims) <= MAX_CLAIMS_BYTES
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const body: unknown = JSON.parse(text, (key, value: unknown) => {
      if (key === '__proto__') throw new SyntaxError('a key that is none')
      // PostgreSQL has no such character in JSON.
      if (typeof value === 'string' && value.includes('\u0000')) throw new SyntaxError('a character that cannot be stored')
      return value
    })
    return isObject(body) ? body : null
  } catch {
    return null
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function bytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}
