import { createPrivateKey, generateKeyPair, sign } from 'node:crypto'
import { promisify } from 'node:util'

export interface OwnCertificate {
  /** PKCS #8, PEM. */
  privateKey: string
  /** PEM. */
  certificate: string
}

const RSA_BITS = 2_048

// DER (X.690): of each value its tag, its length, its bytes.
const SEQUENCE = 0x30
const SET = 0x31
const INTEGER = 0x02
const BIT_STRING = 0x03
const NULL = 0x05
const OBJECT_IDENTIFIER = 0x06
const UTF8_STRING = 0x0c
const UTC_TIME = 0x17
const GENERALIZED_TIME = 0x18

const SHA256_WITH_RSA = Buffer.from('2a864886f70d01010b', 'hex')
const COMMON_NAME = Buffer.from('550403', 'hex')

/**
 * An RSA key and a certificate about it that vouches for itself (RFC 5280, 4.1): what SAML metadata carry keys in. Nobody reads more of it
 * than the key and the dates, so it has a name, the two dates, and no extensions (which makes it version 1).
 * @param serial 8 to 20 random bytes
 */
export async function selfSignedCertificate(about: { name: string; serial: Buffer; from: Date; until: Date }): Promise<OwnCertificate> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: RSA_BITS,
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const algorithm = der(SEQUENCE, der(OBJECT_IDENTIFIER, SHA256_WITH_RSA), der(NULL))
  const commonName = der(SEQUENCE, der(OBJECT_IDENTIFIER, COMMON_NAME), der(UTF8_STRING, Buffer.from(about.name, 'utf8')))
  const name = der(SEQUENCE, der(SET, commonName))
  const validity = der(SEQUENCE, time(about.from), time(about.until))
  // Positive, and without a zero in front that DER would not allow.
  const serial = Buffer.from(about.serial)
  serial[0] = (serial[0]! & 0x7f) | 0x40
  const signed = der(SEQUENCE, der(INTEGER, serial), algorithm, name, validity, name, publicKey)
  const signature = sign('sha256', signed, createPrivateKey(privateKey))
  const whole = der(SEQUENCE, signed, algorithm, der(BIT_STRING, Buffer.of(0), signature))
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? []
  return { privateKey, certificate: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n` }
}

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.of(tag), lengthOf(content.length), content])
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length)
  const hex = length.toString(16)
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  return Buffer.concat([Buffer.of(0x80 | bytes.length), bytes])
}

/** RFC 5280, 4.1.2.5: two digits for the year before 2050, four from then on. */
function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/\D/g, '').slice(0, 14)
  const text = date.getUTCFullYear() < 2050 ? digits.slice(2) : digits
  return der(date.getUTCFullYear() < 2050 ? UTC_TIME : GENERALIZED_TIME, Buffer.from(`${text}Z`, 'ascii'))
}
