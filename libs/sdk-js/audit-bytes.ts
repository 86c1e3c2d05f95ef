/** A public key of an installation. */
export interface Jwk {
  kid?: string
  x?: string
  y?: string
}

export type Line = Record<string, unknown>

/** The payload of a signed statement of one type, and the thumbprint of the key that signed it; `null` where it is none of these keys'. */
export async function verifiedStatement(jws: unknown, type: string, keys: readonly Jwk[]): Promise<{ kid: string; payload: Line } | null> {
  const [head = '', body = '', signature = ''] = String(jws).split('.')
  const header = tryJson(head)
  if (header?.['alg'] !== 'ES256' || header['typ'] !== type) return null
  const jwk = keys.find(({ kid }) => kid === header['kid'])
  if (!jwk?.x || !jwk.y) return null
  // By its own thumbprint (RFC 7638), never by a name that somebody else gave it.
  const kid = base64url(await sha256(bytes(`{"crv":"P-256","kty":"EC","x":"${jwk.x}","y":"${jwk.y}"}`)))
  if (kid !== header['kid']) return null
  try {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
    const key = await crypto.subtle.importKey('jwk', { kty: 'EC', crv: 'P-256', x: jwk.x, y: jwk.y }, algorithm, false, ['verify'])
    const good = await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, fromBase64url(signature), bytes(`${head}.${body}`))
    const payload = good ? tryJson(body) : null
    return payload && { kid, payload }
  } catch {
    // A point that is not on the curve, a signature that is no base64url.
    return null
  }
}

export function readLine(text: string): Line {
  const line: unknown = JSON.parse(text)
  if (typeof line !== 'object' || line === null) throw new TypeError('This is no line of an audit export.')
  return line as Line
}

function tryJson(part: string): Line | null {
  try {
    return readLine(new TextDecoder().decode(fromBase64url(part)))
  } catch {
    return null
  }
}

/** As the database writes it: the length in bytes and the text; a minus for none. */
export function field(value: unknown): string {
  return value === null || value === undefined ? '-' : `${bytes(String(value)).length}:${String(value)}`
}

export const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

export async function sha256(data: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', data))
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export function int8(value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(8))
  view.setBigInt64(0, BigInt(value))
  return new Uint8Array(view.buffer)
}

export const toHex = (data: Uint8Array) => Array.from(data, (byte) => byte.toString(16).padStart(2, '0')).join('')

export function fromHex(value: unknown): Uint8Array {
  const pairs = typeof value === 'string' && /^([0-9a-f]{2})*$/.test(value) ? value.match(/../g) : null
  return Uint8Array.from(pairs ?? [], (pair) => Number.parseInt(pair, 16))
}

function base64url(data: Uint8Array): string {
  return btoa(String.fromCharCode(...data)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}

function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (character) => character.charCodeAt(0))
}
