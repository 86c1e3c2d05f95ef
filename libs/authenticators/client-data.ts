/**
 * WebAuthn, 5.8.1: what the browser says of a ceremony. Read here for what must be known before, or is not looked at by, the library's
 * check.
 */
export interface ClientData {
  type?: unknown
  challenge?: unknown
  origin?: unknown
  crossOrigin?: unknown
  topOrigin?: unknown
}

export function readClientData(text: string): ClientData {
  const data: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'base64url')))
  if (!isObject(data)) throw new TypeError('not client data')
  return data
}

/**
 * WebAuthn, 7.1, steps 10 and 11; 7.2, steps 14 and 15. A page that frames ours could make people confirm what they do not see (13.4.9).
 */
export function refuseFramed(clientDataJson: string): void {
  const { crossOrigin, topOrigin } = readClientData(clientDataJson)
  if (crossOrigin !== undefined && crossOrigin !== false) throw new Error('the ceremony ran in a frame of another origin')
  if (topOrigin !== undefined) throw new Error('the ceremony names a page above it')
}

/** Strict base64url of 1 to 1,023 bytes (WebAuthn, 7.1, step 25): throws for text that has another spelling. */
export function bytes(text: string): Buffer {
  const decoded = Buffer.from(text, 'base64url')
  if (decoded.length === 0 || decoded.length > 1_023 || decoded.toString('base64url') !== text) throw new TypeError('not base64url')
  return decoded
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
