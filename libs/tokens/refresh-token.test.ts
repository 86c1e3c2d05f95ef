import { randomBytes, randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { computeRefreshToken, readRefreshToken } from './refresh-token.js'

const key = randomBytes(32)

test('a token says whose it is and which one; computed twice it is the same', () => {
  fc.assert(fc.property(fc.uuid(), fc.integer({ min: 0, max: 0x7fff_fffe }), (sessionId, generation) => {
    const token = computeRefreshToken(key, { sessionId, generation })
    expect(token).toMatch(/^[A-Za-z0-9_-]{70}$/)
    expect(computeRefreshToken(key, { sessionId, generation })).toBe(token)
    expect(readRefreshToken(key, token)).toEqual({ sessionId, generation })
  }))
})

test('any changed bit, another spelling and the key of another project are refused', () => {
  const token = computeRefreshToken(key, { sessionId: randomUUID(), generation: 7 })
  const bytes = Buffer.from(token, 'base64url')
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const edited = Buffer.from(bytes)
    edited[bit >> 3]! ^= 1 << (bit & 7)
    expect(readRefreshToken(key, edited.toString('base64url')), `bit ${bit}`).toBeNull()
  }
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  for (const last of alphabet) if (last !== token.at(-1)) expect(readRefreshToken(key, token.slice(0, -1) + last)).toBeNull()
  for (const other of ['', 'x', token.slice(1), `${token}A`, `${token}=`, ` ${token}`, token.replaceAll('-', '+').slice(0, 69) + '+'])
    expect(readRefreshToken(key, other)).toBeNull()
  expect(readRefreshToken(randomBytes(32), token)).toBeNull()
})

test('a generation that no column holds is refused', () => {
  expect(readRefreshToken(key, computeRefreshToken(key, { sessionId: randomUUID(), generation: 0x7fff_ffff }))).toBeNull()
})
