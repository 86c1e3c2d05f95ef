import { CompactSign, compactVerify } from 'jose'
import { hmacSha256Text, macTextsEqual } from '@portico/crypto/hmac'
import { AuthError } from '@portico/kernel/auth-error'
import type { Es256Key, Hs256Key, KeyRing } from './key-ring.js'

export type JwsPayload = Record<string, unknown>

const MAX_TOKEN_LENGTH = 8_192
// Strict: with replacement characters two different tokens would say the same (RFC 8725, 2.7). A byte order mark stays; JSON refuses it.
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const BASE64URL = /^[A-Za-z0-9_-]+$/
const BASE64URL_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** A compact JWS (RFC 7515, 7.1) with the header `alg, typ, kid`, signed with the ring's current key. */
export async function signCompact(ring: KeyRing, typ: string, payload: object): Promise<string> {
  const key = ring.current()
  const header = { alg: key.alg, typ, kid: key.kid }
  if (key.alg === 'ES256') {
    return new CompactSign(Buffer.from(JSON.stringify(payload))).setProtectedHeader(header).sign(await key.signingKey())
  }
  const signed = `${encodeJson(header)}.${encodeJson(payload)}`
  return `${signed}.${hmacSha256Text(key.macKey, signed)}`
}

/**
 * The payload of a compact JWS that a key of the ring signed as one of these types. HS256 answers at once, ES256 with a promise.
 * Throws or rejects with `invalid_token`, whatever is wrong.
 *
 * The header only names the key. What it says about the algorithm must agree with that key (RFC 8725, 3.1); `none`, a public key used as
 * an HMAC secret and another token type (RFC 8725, 3.11) end here. It has no other member: no `crit`, `jwk`, `jku`, `x5u` to be misled by.
 */
export function verifyCompact(ring: KeyRing, types: ReadonlySet<unknown>, token: string, now: Date): JwsPayload | Promise<JwsPayload> {
  if (typeof token !== 'string' || token.length > MAX_TOKEN_LENGTH) throw invalidToken()
  const parts = token.split('.', 4)
  const [encodedHeader, encodedPayload, encodedSignature] = parts
  if (parts.length !== 3 || !encodedHeader || !encodedPayload || !encodedSignature) throw invalidToken()
  const header = readHeader(encodedHeader)
  const payload = decode(encodedPayload)
  if (!types.has(header.typ)) throw invalidToken()
  const key = ring.byKid(header.kid, now)
  if (!key || header.alg !== key.alg) throw invalidToken()
  if (key.alg === 'ES256') return verifyEs256(key, token, encodedSignature)
  verifyHs256(key, token.slice(0, encodedHeader.length + 1 + encodedPayload.length), encodedSignature)
  return parseObject(payload)
}

/** The `kid` of a token that was found good. */
export function keyIdOf(token: string): string {
  return readHeader(token.slice(0, token.indexOf('.'))).kid
}

export function invalidToken(cause?: unknown): AuthError {
  return new AuthError('invalid_token', { cause })
}

/** Compared as text: the one spelling of the right signature, so it need not be decoded. */
function verifyHs256(key: Hs256Key, signed: string, signature: string): void {
  if (!macTextsEqual(hmacSha256Text(key.macKey, signed), signature)) throw invalidToken()
}

async function verifyEs256(key: Es256Key, token: string, signature: string): Promise<JwsPayload> {
  if (!hasOneSpelling(signature)) throw invalidToken()
  const verifyingKey = await key.verifyingKey()
  let payload: Uint8Array
  try {
    payload = (await compactVerify(token, verifyingKey, { algorithms: ['ES256'] })).payload
  } catch (error) {
    throw invalidToken(error)
  }
  return parseObject(Buffer.from(payload))
}

function encodeJson(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function decode(text: string): Buffer {
  if (!hasOneSpelling(text)) throw invalidToken()
  return Buffer.from(text, 'base64url')
}

/**
 * Whether encoding what the text says gives this very text. Node ignores stray characters and the unused bits of the last one, which would
 * give a token many spellings: of two characters over four unused bits are left, of three over two, and one over is no byte (RFC 4648, 3.5)
 */
export function hasOneSpelling(text: string): boolean {
  if (!BASE64URL.test(text)) return false
  const over = text.length % 4
  if (over === 0) return true
  const last = BASE64URL_ALPHABET.indexOf(text.charAt(text.length - 1))
  return over !== 1 && (last & (over === 2 ? 0b1111 : 0b11)) === 0
}

interface Header {
  alg: unknown
  typ: unknown
  kid: string
}

/** All tokens of a key have the same header: the last few are not taken apart again. */
const headers = new Map<string, Header>()
const MAX_HEADERS = 1_000

function readHeader(encoded: string): Header {
  const known = headers.get(encoded)
  if (known) return known
  const { alg, typ, kid, ...others } = parseObject(decode(encoded))
  if (typeof kid !== 'string' || alg === undefined || typ === undefined || Object.keys(others).length > 0) throw invalidToken()
  const header = { alg, typ, kid }
  if (headers.size >= MAX_HEADERS) headers.clear()
  // No token of ours is this long: only a forger would fill the memory with them.
  if (encoded.length <= 200) headers.set(encoded, header)
  return header
}

function parseObject(bytes: Buffer): JwsPayload {
  let value: unknown
  try {
    value = JSON.parse(UTF8.decode(bytes))
  } catch (error) {
    throw invalidToken(error)
  }
  if (!isPlainObject(value)) throw invalidToken()
  return value
}

function isPlainObject(value: unknown): value is JwsPayload {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
