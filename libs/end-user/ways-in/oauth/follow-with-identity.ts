import type { ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { ProvidedIdentity } from '@portico/oauth/provider'
import { acceptWithIdentity } from '../../invitations/accept-with-identity.js'
import { lockEndUser, lockEndUserByIdentity } from '../../records/end-user-search.store.js'
import { activeFactorsWithin } from '../../records/factors.view.js'
import { touchIdentity } from '../../records/identity.store.js'
import { findMailedToken } from '../../records/one-time-token.store.js'
import { changeAddress } from '../../steps/change-address.js'
import { confirmAddress } from '../../steps/confirm-address.js'
import type { SignInContext } from '../../steps/resolve-identity.js'
import { SignInRefusal } from '../../steps/sign-in-refusal.js'

/**
 * Somebody followed a mailed link on our page and continued with a provider. The link proves the address; the provider shows whose the
 * account is, if the identity is one of the account's. An invitation is the exception: there the identity is a new one.
 */
export async function followWithIdentity(
  tx: ProjectTx,
  project: ProjectRecord,
  digest: Buffer,
  provider: string,
  identity: ProvidedIdentity,
  context: SignInContext,
): Promise<void> {
  const mailed = await findMailedToken(tx, digest)
  const purpose = mailed?.purpose
  if (purpose === 'invitation') return acceptWithIdentity(tx, digest, provider, identity, context)
  if (purpose !== 'email_confirm' && purpose !== 'email_change') throw new SignInRefusal('invalid_or_expired_token')
  const holder = await lockEndUserByIdentity(tx, provider, identity.subject)
  const user = holder?.id === mailed?.endUserId && holder ? await lockEndUser(tx, holder.id) : null
  if (!user || (await touchIdentity(tx, provider, identity, context.now))?.endUserId !== user.id)
    throw new SignInRefusal('identity_not_linked')
  const shows = { identities: { provider, subject: identity.subject } }
  try {
    if (purpose === 'email_confirm') await confirmAddress(tx, user, { digest, shows, ...context })
    // The provider is one factor; an account with a second one proves that too.
    else if (project.settings.mfa !== 'off' && (await activeFactorsWithin(tx, user.id)).length > 0)
      throw new SignInRefusal('second_factor_required')
    else await changeAddress(tx, user, { digest, shows, ...context })
  } catch (error) {
    if (!(error instanceof AuthError) || (error.code !== 'invalid_or_expired_token' && error.code !== 'email_taken')) throw error
    throw new SignInRefusal(error.code)
  }
}
