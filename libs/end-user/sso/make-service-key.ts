import { ssoKeyContext } from '@portico/crypto/seal-context'
import type { SealedBox } from '@portico/crypto/sealed-box'
import { selfSignedCertificate } from '@portico/crypto/self-signed-certificate'
import type { ProjectRecord } from '@portico/database/project-directory'
import { addSeconds, DAY_SECONDS } from '@portico/kernel/duration'
import { appName } from '@portico/kernel/settings/branding'
import type { Entropy } from '@portico/kernel/entropy'
import type { SsoKey } from '../records/sso-key.store.js'

/** As long as identity providers give their own. */
const LIFE_SECONDS = 3 * 365 * DAY_SECONDS
// RFC 5280, A.1, ub-common-name.
const MAX_COMMON_NAME = 64

/** A new key for one connection. Takes a tenth of a second, so it is made outside of any transaction. */
export async function makeServiceKey(
  { box, entropy }: { box: SealedBox; entropy: Entropy },
  project: ProjectRecord,
  { connectionId, now }: { connectionId: string; now: Date },
): Promise<SsoKey> {
  const id = entropy.uuid()
  // Dates of certificates have whole seconds.
  const until = new Date(Math.floor(addSeconds(now, LIFE_SECONDS).getTime() / 1_000) * 1_000)
  // Who reads it is the company's administrator, in a list of certificates: they know the app, and not us.
  const name = [...appName(project)].slice(0, MAX_COMMON_NAME).join('')
  const about = { name, serial: entropy.bytes(16), from: addSeconds(now, -DAY_SECONDS), until }
  const { privateKey, certificate } = await selfSignedCertificate(about)
  const sealed = box.seal(privateKey, ssoKeyContext(project.scope.projectId, id))
  return { id, connectionId, certificate, sealed, signs: false, createdAt: now, expiresAt: until }
}
