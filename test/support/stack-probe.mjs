// Bundled and run by test/platform/service-bundles.test.ts: packages and our own code throw by turns, and each stack is printed.
import { createRemoteJWKSet, decodeJwt } from 'jose'
import { deriveCode } from '../../libs/crypto/dist/token-digest.js'
import { serverState } from '../../libs/http/dist/server-state.js'

const failures = [
  () => decodeJwt('x'),
  () => deriveCode(Buffer.alloc(32), [], 0),
  () => createRemoteJWKSet('not a URL'),
  () => serverState({ server: {} }),
]
for (const fail of failures) {
  try {
    fail()
  } catch (error) {
    console.log(error.stack)
  }
}
