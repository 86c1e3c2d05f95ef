import { expect, test } from 'vitest'
import { deriveRolePassword } from './role-password.js'

test('a role password depends on the master key and the role, and on nothing else', () => {
  const key = Buffer.alloc(32, 1)
  const password = deriveRolePassword(key, 'portico_data')
  expect(password).toMatch(/^[A-Za-z0-9_-]{43}$/)
  expect(deriveRolePassword(key, 'portico_data')).toBe(password)
  expect(deriveRolePassword(key, 'portico_worker')).not.toBe(password)
  expect(deriveRolePassword(Buffer.alloc(32, 2), 'portico_data')).not.toBe(password)
})
