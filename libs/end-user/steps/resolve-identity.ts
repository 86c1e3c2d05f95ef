import { recordAudit } from '@portico/database/audit'
import { addToOutbox } from '@portico/database/outbox'
import type { ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { parseEmailAddress, type EmailAddress } from '@portico/kernel/email-address'
import type { Entropy } from '@portico/kernel/entropy'
import { OAuthProblem } from '@portico/oauth/oauth-problem'
import type { ProvidedIdentity } from '@portico/oauth/provider'
import { signUpRefusal } from '../abuse/sign-up-rules.js'
import { byUser, type Caller } from '../caller.js'
import type { EndUser } from '../records/end-user.js'
import { lockEndUserByEmail, lockEndUserByIdentity } from '../records/end-user-search.store.js'
import { insertIdentity, touchIdentity } from '../records/identity.store.js'
import { forgetUnlinked, wasUnlinked } from '../records/unlinked-identity.store.js'
import type { SignUpApproval } from './hooks/sign-up-approval.js'
import { makeAccount } from './make-account.js'
import { proveAddress } from './prove-address.js'
import { SignInRefusal } from './sign-in-refusal.js'

export interface SignInContext {
  now: Date
  caller: Caller
  entropy: Entropy
  /** Whether the owner of an unproven account may be written to now. */
  mayMail: boolean
  /** What the app said of this sign-up; `null`: it was not asked. */
  approval: SignUpApproval | null
}

export type ResolvedIdentity =
  | { user: EndUser }
  /**
   * An account with an unproven address holds the address: its owner gets a mail, the sign-in is refused. Returned so that the mail is
   * committed.
   */
  | { refused: 'email_not_confirmed' }

/**
 * Whose account an identity opens. The order matters:
 * a linked identity is its user, whatever its address says now; an address links to an existing account only if the provider vouches for it
 * and the account's own address is proven; an unproven account is neither taken over nor adopted; otherwise an account is made, if it may
 * be.
 */
export async function resolveIdentity(
  tx: ProjectTx,
  project: ProjectRecord,
  provider: string,
  identity: ProvidedIdentity,
  context: SignInContext,
): Promise<ResolvedIdentity> {
  const known = await linkedUser(tx, provider, identity, context.now)
  if (known) return { user: await provenByProvider(tx, active(known), provider, identity, context) }
  const address = identity.email === null ? null : parseEmailAddress(identity.email)
  if (!address) throw missingAddress(identity)
  const account = await lockEndUserByEmail(tx, address.normalised)
  if (account) {
    // First sign-ins at once: another one linked the identity while this one waited for the account.
    const linked = await linkedUser(tx, provider, identity, context.now)
    if (linked) return { user: await provenByProvider(tx, active(linked), provider, identity, context) }
    return join(tx, project, account, provider, identity, context)
  }
  const user = await make(tx, project, provider, address, identity, context)
  // Two first sign-ins at once: the other one made the account, so this one is now a sign-in to a known address.
  if (!user) return resolveIdentity(tx, project, provider, identity, context)
  return { user }
}

/** None was given, or the provider could not say: then it is the provider's failure, and trying again may help. */
function missingAddress({ unread }: ProvidedIdentity): SignInRefusal {
  if (unread === undefined) return new SignInRefusal('email_missing')
  const code = unread.kind === 'unavailable' ? 'temporarily_unavailable' : unread.kind === 'untrusted' ? 'server_error' : 'email_missing'
  return new SignInRefusal(code, { cause: new OAuthProblem(unread.kind, unread.detail) })
}

/** The account is locked before the identity, here as everywhere: in the other order two sign-ins at once wait for each other for ever. */
async function linkedUser(tx: ProjectTx, provider: string, identity: ProvidedIdentity, now: Date): Promise<EndUser | null> {
  const user = await lockEndUserByIdentity(tx, provider, identity.subject)
  const touched = user && (await touchIdentity(tx, provider, identity, now))
  // It may have been unlinked, or linked to somebody else, while this one waited for the account.
  return touched?.endUserId === user?.id ? user : null
}

/**
 * The provider vouches by now that the person of a linked identity holds the account's own address: that proves it, as a mailed link
 * would, and whatever else is on the account from before goes.
 */
async function provenByProvider(
  tx: ProjectTx,
  user: EndUser,
  provider: string,
  identity: ProvidedIdentity,
  { now, caller, entropy }: SignInContext,
): Promise<EndUser> {
  if (user.emailVerifiedAt !== null || !identity.emailVerified || identity.email === null) return user
  if (parseEmailAddress(identity.email)?.normalised !== user.email) return user
  const shows = { identities: { provider, subject: identity.subject } }
  return (await proveAddress(tx, user, { method: 'provider', shows, now, caller, entropy })).user
}

async function join(
  tx: ProjectTx,
  project: ProjectRecord,
  account: EndUser,
  provider: string,
  identity: ProvidedIdentity,
  context: SignInContext,
): Promise<ResolvedIdentity> {
  const { now, entropy } = context
  if (!identity.emailVerified) throw new SignInRefusal('email_not_verified')
  active(account)
  if (account.emailVerifiedAt === null) {
    if (context.mayMail)
      await addToOutbox(tx, entropy.uuid(), { kind: 'sign_up_attempt', payload: { address: account.email, by: 'provider' } }, now)
    return { refused: 'email_not_confirmed' }
  }
  // The user disconnected it on purpose: an equal address does not link it again, connecting it does.
  const unlinked =
    !project.settings.relink_by_address && (await wasUnlinked(tx, { provider, subject: identity.subject, userId: account.id }))
  if (unlinked) throw new SignInRefusal('email_taken')
  await link(tx, account, provider, identity, context)
  return { user: account }
}

async function make(
  tx: ProjectTx,
  project: ProjectRecord,
  provider: string,
  address: EmailAddress,
  identity: ProvidedIdentity,
  context: SignInContext,
): Promise<EndUser | null> {
  const { settings } = project
  const { now, caller, entropy } = context
  const refusal = signUpRefusal(project, address.normalised)
  if (refusal !== null) throw new SignInRefusal(refusal)
  // In private mode the answer would tell whether somebody else's address has an account here.
  const quiet = settings.signup_mode === 'private' || settings.require_email_confirmation
  if (!identity.emailVerified && quiet) throw new SignInRefusal('email_not_verified')
  const account = { id: entropy.uuid(), address, emailVerified: identity.emailVerified, now }
  const user = await makeAccount(tx, project, account, { method: provider, approval: context.approval })
  if (!user) return null
  const audit = byUser(user.id, caller)
  await recordAudit(tx, { action: 'user.signed_up', ...audit, metadata: { method: provider } }, now)
  if (!(await insertIdentity(tx, { provider, identity, userId: user.id, now }))) throw new SignInRefusal('identity_taken')
  if (!identity.emailVerified) await addToOutbox(tx, entropy.uuid(), { kind: 'email_confirm', payload: { endUserId: user.id } }, now)
  return user
}

/** Adds the identity to the user, says so in the audit log and by mail. Throws `identity_taken`. */
export async function link(
  tx: ProjectTx,
  user: EndUser,
  provider: string,
  identity: ProvidedIdentity,
  { now, caller, entropy }: Pick<SignInContext, 'now' | 'caller' | 'entropy'>,
) {
  const linked = await insertIdentity(tx, { provider, identity, userId: user.id, now })
  if (!linked) throw new SignInRefusal('identity_taken')
  await forgetUnlinked(tx, { provider, subject: identity.subject, userId: user.id })
  const audit = { ...byUser(user.id, caller), resource: 'identity', resourceId: `${provider}:${identity.subject}` } as const
  await recordAudit(tx, { action: 'identity.linked', ...audit }, now)
  await addToOutbox(tx, entropy.uuid(), { kind: 'security_notice', payload: { endUserId: user.id, event: 'identity_linked' } }, now)
  return linked
}

function active<T extends EndUser>(user: T | null): T {
  if (!user || user.disabledAt !== null) throw new SignInRefusal('access_denied')
  return user
}
