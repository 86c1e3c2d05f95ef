import { createHash, createSign, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto'

/** Bits of the flags in authenticator data (WebAuthn Level 3, 6.1). */
export const FLAGS = { present: 0x01, verified: 0x04, backupEligible: 0x08, backedUp: 0x10, attested: 0x40, extensions: 0x80 }
const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest()
const text = (bytes: Buffer) => bytes.toString('base64url')

/** What an authenticator, a browser or somebody on the way does otherwise. */
export interface Deviation {
  flags?: number
  signCount?: number
  rpId?: string
  /** Merged into the client data; `undefined` takes a field away. */
  clientData?: Record<string, unknown>
  /** Merged into the answer's own fields, and into its response. */
  answer?: Record<string, unknown>
  response?: Record<string, unknown>
  /** COSE algorithm that the new key claims. */
  algorithm?: number
  idLength?: number
  /** Bytes after the authenticator data. */
  trailing?: Buffer
  signOver?: Buffer
  extensions?: Record<string, unknown>
}

/** An authenticator that verifies its user and attests nothing, in the JSON forms of WebAuthn Level 3, 5.1.8. */
export class SoftwarePasskey {
  readonly #key: KeyObject
  readonly #point: Buffer
  #id = randomBytes(16)

  constructor(private readonly rpId: string, private readonly origin: string) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const { x, y } = publicKey.export({ format: 'jwk' })
    this.#key = privateKey
    this.#point = Buffer.concat([hex('2001215820'), Buffer.from(x ?? '', 'base64url'), hex('225820'), Buffer.from(y ?? '', 'base64url')])
  }

  get id(): string {
    return text(this.#id)
  }

  create(challenge: string, other: Deviation = {}): Record<string, unknown> {
    if (other.idLength !== undefined) this.#id = randomBytes(other.idLength)
    // COSE: { kty: EC2, alg, crv: P-256, x, y }; -7 is ES256.
    const algorithm = other.algorithm === undefined ? hex('26') : Buffer.concat([hex('39'), uint16(-1 - other.algorithm)])
    const cose = Buffer.concat([hex('a5010203'), algorithm, this.#point])
    const flags = other.flags ?? FLAGS.present | FLAGS.verified | FLAGS.attested
    const attested = (flags & FLAGS.attested) === 0 ? [] : [Buffer.alloc(16), uint16(this.#id.length), this.#id, cose]
    const authData = Buffer.concat([this.#head(flags, other), ...attested, other.trailing ?? Buffer.alloc(0)])
    // CBOR: { fmt: "none", attStmt: {}, authData }
    const attestation = Buffer.concat([
      hex('a363666d74646e6f6e656761747453746d74a068617574684461746159'),
      uint16(authData.length),
      authData,
    ])
    return this.#answer(
      { clientDataJSON: text(this.#clientData('webauthn.create', challenge, other)), attestationObject: text(attestation) },
      other,
    )
  }

  get(challenge: string, userId: string, other: Deviation = {}): Record<string, unknown> {
    const clientData = this.#clientData('webauthn.get', challenge, other)
    const authData = Buffer.concat([this.#head(other.flags ?? FLAGS.present | FLAGS.verified, other), other.trailing ?? Buffer.alloc(0)])
    const signature = createSign('sha256').update(other.signOver ?? Buffer.concat([authData, sha256(clientData)])).sign(this.#key)
    const userHandle = Buffer.from(userId.replaceAll('-', ''), 'hex')
    return this.#answer(
      { clientDataJSON: text(clientData), authenticatorData: text(authData), signature: text(signature), userHandle: text(userHandle) },
      other,
    )
  }

  #head(flags: number, { rpId = this.rpId, signCount = 0 }: Deviation): Buffer {
    const count = Buffer.alloc(4)
    count.writeUInt32BE(signCount)
    return Buffer.concat([sha256(rpId), Buffer.from([flags]), count])
  }

  #clientData(type: string, challenge: string, { clientData }: Deviation): Buffer {
    return Buffer.from(JSON.stringify({ type, challenge, origin: this.origin, crossOrigin: false, ...clientData }))
  }

  #answer(response: Record<string, string>, other: Deviation): Record<string, unknown> {
    return {
      id: this.id,
      rawId: this.id,
      type: 'public-key',
      clientExtensionResults: other.extensions ?? {},
      response: { ...response, ...other.response },
      ...other.answer,
    }
  }
}

const hex = (digits: string) => Buffer.from(digits, 'hex')

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}
