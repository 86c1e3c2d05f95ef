import { createPrivateKey, randomBytes, sign, verify, X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { readCertificate } from './certificate.js'
import { selfSignedCertificate } from './self-signed-certificate.js'

test.each(['2029-11-30T08:00:00.000Z', '2051-01-02T03:04:05.000Z'])('a certificate about its own key, until %s, as OpenSSL reads it', async (end) => {
  const serial = Buffer.alloc(16, 0xff)
  const from = new Date('2026-11-30T07:00:00Z')
  const { privateKey, certificate } = await selfSignedCertificate({ name: 'Portico', serial, from, until: new Date(end) })
  const read = new X509Certificate(certificate)
  expect([read.subject, read.issuer, read.verify(read.publicKey)]).toEqual(['CN=Portico', 'CN=Portico', true])
  expect(read.checkPrivateKey(createPrivateKey(privateKey))).toBe(true)
  expect([new Date(read.validFrom), new Date(read.validTo)]).toEqual([from, new Date(end)])
  expect(readCertificate(certificate)).toMatchObject({ pem: certificate, notAfter: new Date(end) })
  const text = randomBytes(20)
  expect(verify('sha256', text, read.publicKey, sign('sha256', text, privateKey))).toBe(true)
})
