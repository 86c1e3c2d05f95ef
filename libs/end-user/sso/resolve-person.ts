import { isDeepStrictEqual } from 'node:util'
import { recordAudit } from '@portico/database/audit'
import type { ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { parseEmailAddress, type EmailAddress } from '@portico/kernel/email-address'
import type { ProvidedIdentity } from '@portico/oauth/provider'
import { byUser } from '../caller.js'
import type { EndUser } from '../records/end-user.js'
import { lockEndUserByEmail, lockEndUserByIdentity } from '../records/end-user-search.store.js'
import { setMetadata } from '../records/end-user.store.js'
import { insertIdentity, touchIdentity } from '../records/identity.store.js'
import { ssoProvider, type SsoConnection } from '../records/sso-connection.js'
import { makeAccount } from '../steps/make-account.js'
import { proveAddress } from '../steps/prove-address.js'
import { fitsMetadata, mergeMetadata } from '../steps/read-metadata.js'
import { link, type SignInContext } from '../steps/resolve-identity.js'
import { SignInRefusal } from '../steps/sign-in-refusal.js'
import type { SsoPerson } from './read-person.js'

export interface ResolvedPerson {
  user: EndUser
  /** `known`: came by this connection before. `joined`: has the address. */
  how: 'known' | 'joined' | 'created'
}

/** The address that the identity provider names; `null`: none that is one. */
export function addressOf({ email }: SsoPerson): EmailAddress | null {
  return email === null ? null : parseEmailAddress(email)
}

const domainOf = ({ normalised }: EmailAddress): string => normalised.slice(normalised.lastIndexOf('@') + 1)

/** Whose account a refused sign-in was about; `null`: nobody's, or one that the connection does not speak for. */
export async function accountBehind(tx: ProjectTx, connection: SsoConnection, person: SsoPerson): Promise<string | null> {
  const known = await lockEndUserByIdentity(tx, ssoProvider(connection.id), person.subject)
  const address = addressOf(person)
  if (known || address === null || !connection.domains.includes(domainOf(address))) return known?.id ?? null
  return (await lockEndUserByEmail(tx, address.normalised))?.id ?? null
}

/**
 * Whose account somebody opens who came by a connection. A linked identity is its user. Otherwise it goes by the address, and only by one
 * in a domain that the connection's owner has proven: whoever runs the mailboxes of a domain may say who holds them, and nobody else may,
 * so an identity provider that names another address opens and joins nothing.
 */
export async function resolvePerson(
  tx: ProjectTx,
  project: ProjectRecord,
  connection: SsoConnection,
  person: SsoPerson,
  context: SignInContext,
): Promise<ResolvedPerson> {
  const provider = ssoProvider(connection.id)
  const address = addressOf(person)
  const vouched = address !== null && connection.domains.includes(domainOf(address))
  const identity: ProvidedIdentity = {
    subject: person.subject,
    email: address?.typed ?? null,
    emailVerified: vouched,
    profile: person.name === null ? {} : { name: person.name },
  }
  const known = await linked(tx, provider, identity, context.now)
  if (known) return { user: await described(tx, active(known), person, context), how: 'known' }
  if (!address) throw new SignInRefusal('email_missing')
  if (!vouched) throw new SignInRefusal('email_not_verified')
  const account = await lockEndUserByEmail(tx, address.normalised)
  if (account) {
    // First sign-ins at once: another one linked the identity while this one waited for the account.
    const already = await linked(tx, provider, identity, context.now)
    const user = already ?? (await join(tx, active(account), provider, identity, context))
    return { user: await described(tx, active(user), person, context), how: already ? 'known' : 'joined' }
  }
  const made = await make(tx, project, connection, identity, address, person, context)
  // The other one of two first sign-ins made the account.
  return made ? { user: made, how: 'created' } : resolvePerson(tx, project, connection, person, context)
}

/** The account is locked before the identity, here as everywhere. */
async function linked(tx: ProjectTx, provider: string, identity: ProvidedIdentity, now: Date): Promise<EndUser | null> {
  const user = await lockEndUserByIdentity(tx, provider, identity.subject)
  const touched = user && (await touchIdentity(tx, provider, identity, now))
  return touched?.endUserId === user?.id ? user : null
}

/** The company speaks for the mailbox, as a mailed link would: what a stranger left on an account with this address goes. */
async function join(
  tx: ProjectTx,
  account: EndUser,
  provider: string,
  identity: ProvidedIdentity,
  context: SignInContext,
): Promise<EndUser> {
  const { now, caller, entropy } = context
  const shows = { identities: { provider, subject: identity.subject } }
  const { user } = await proveAddress(tx, account, { method: 'sso', shows, now, caller, entropy })
  await link(tx, user, provider, identity, context)
  return user
}

async function make(
  tx: ProjectTx,
  project: ProjectRecord,
  { id, settings }: SsoConnection,
  identity: ProvidedIdentity,
  address: EmailAddress,
  { metadata }: SsoPerson,
  { now, caller, entropy, approval }: SignInContext,
): Promise<EndUser | null> {
  // Whether the app is open for everybody says nothing of a company's own people: that is said by the connection.
  // A limit that is reached says something of everybody: as a refusal, so that the browser is sent back to the app with it.
  if (!settings.createUsers || project.signUpsPaused !== null) throw new SignInRefusal('signups_disabled')
  const kept = fitsMetadata(metadata) ? metadata : {}
  const account = { id: entropy.uuid(), address, emailVerified: true, metadata: kept, now }
  const user = await makeAccount(tx, project, account, { method: settings.protocol, approval })
  if (!user) return null
  const audit = { ...byUser(user.id, caller), metadata: { method: settings.protocol, connectionId: id } }
  await recordAudit(tx, { action: 'user.signed_up', ...audit }, now)
  if (!(await insertIdentity(tx, { provider: ssoProvider(id), identity, userId: user.id, now }))) throw new SignInRefusal('identity_taken')
  return user
}

/** What the company says of the person today. */
async function described(tx: ProjectTx, user: EndUser, { metadata }: SsoPerson, { now }: SignInContext): Promise<EndUser> {
  const merged = mergeMetadata(user.metadata, metadata)
  if (isDeepStrictEqual(merged, user.metadata) || !fitsMetadata(merged)) return user
  return (await setMetadata(tx, { userId: user.id, metadata: merged, now })) ?? user
}

function active(user: EndUser): EndUser {
  if (user.disabledAt !== null) throw new SignInRefusal('access_denied')
  return user
}
