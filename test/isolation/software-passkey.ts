import { createHash, createSign, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto'

const PRESENT = 0x01
const VERIFIED = 0x04
const ATTESTED = 0x40
const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest()
const text = (bytes: Buffer) => bytes.toString('base64url')

/** An authenticator that verifies its user and attests nothing, in the JSON forms of WebAuthn Level 3, 5.1.8. */
export class SoftwarePasskey {
  readonly #key: KeyObject
  readonly #cose: Buffer
  readonly #id = randomBytes(16)

  constructor(private readonly rpId: string, private readonly origin: string) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const { x, y } = publicKey.export({ format: 'jwk' })
    this.#key = privateKey
    // COSE: { kty: EC2, alg: ES256, crv: P-256, x, y }
    this.#cose = Buffer.concat([hex('a5010203262001215820'), Buffer.from(x ?? '', 'base64url'), hex('225820'), Buffer.from(y ?? '', 'base64url')])
  }

  get id(): string {
    return text(this.#id)
  }

  create(challenge: string): Record<string, unknown> {
    const authData = Buffer.concat([this.#head(PRESENT | VERIFIED | ATTESTED), Buffer.alloc(16), hex('0010'), this.#id, this.#cose])
    // CBOR: { fmt: "none", attStmt: {}, authData }
    const attestation = Buffer.concat([hex('a363666d74646e6f6e656761747453746d74a068617574684461746158'), Buffer.from([authData.length]), authData])
    return this.#answer({ clientDataJSON: text(this.#clientData('webauthn.create', challenge)), attestationObject: text(attestation) })
  }

  get(challenge: string, userId: string): Record<string, unknown> {
    const clientData = this.#clientData('webauthn.get', challenge)
    const authData = this.#head(PRESENT | VERIFIED)
    const signature = createSign('sha256').update(authData).update(sha256(clientData)).sign(this.#key)
    const userHandle = Buffer.from(userId.replaceAll('-', ''), 'hex')
    return this.#answer({ clientDataJSON: text(clientData), authenticatorData: text(authData), signature: text(signature), userHandle: text(userHandle) })
  }

  #head(flags: number): Buffer {
    return Buffer.concat([sha256(this.rpId), Buffer.from([flags]), Buffer.alloc(4)])
  }

  #clientData(type: string, challenge: string): Buffer {
    return Buffer.from(JSON.stringify({ type, challenge, origin: this.origin, crossOrigin: false }))
  }

  #answer(response: Record<string, string>): Record<string, unknown> {
    return { id: this.id, rawId: this.id, type: 'public-key', clientExtensionResults: {}, response }
  }
}

const hex = (digits: string) => Buffer.from(digits, 'hex')
