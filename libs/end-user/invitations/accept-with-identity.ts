import type { ProjectTx } from '@portico/database/project-db'
import type { ProvidedIdentity } from '@portico/oauth/provider'
import { lockEndUser } from '../records/end-user-search.store.js'
import { joinOrganization } from '../steps/join-organization.js'
import { proveAddress, SHOWS_NOTHING } from '../steps/prove-address.js'
import { consumeOneTimeToken } from '../records/one-time-token.store.js'
import { link, type SignInContext } from '../steps/resolve-identity.js'
import { SignInRefusal } from '../steps/sign-in-refusal.js'

/**
 * The invited person continues with a provider. The mailed token proves the invited address; which account of the provider it is, is theirs
 * to choose.
 */
export async function acceptWithIdentity(
  tx: ProjectTx,
  invitationDigest: Buffer,
  provider: string,
  identity: ProvidedIdentity,
  context: SignInContext,
): Promise<void> {
  const spent = await consumeOneTimeToken(tx, { digest: invitationDigest, purpose: 'invitation', now: context.now })
  const user = spent && (await lockEndUser(tx, spent.endUserId))
  if (!user || user.email !== spent.payload['email']) throw new SignInRefusal('invalid_or_expired_token')
  const { now, caller, entropy } = context
  const proven = await proveAddress(tx, user, { method: 'invitation', shows: SHOWS_NOTHING, now, caller, entropy })
  const organizationInvitation = spent.payload['organizationInvitationId']
  if (typeof organizationInvitation === 'string') await joinOrganization(tx, user, organizationInvitation, { caller, now })
  await link(tx, proven.user, provider, identity, context)
}
