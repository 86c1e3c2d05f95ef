import { isDeepStrictEqual } from 'node:util'
import { recordAudit } from '@portico/database/audit'
import type { ProjectTx } from '@portico/database/project-db'
import type { EventName } from '@portico/kernel/events'
import type { Resource } from '@portico/scim/resource'
import type { DirectoryUser } from '../records/directory-user.js'
import { saveManagedAccount } from '../records/directory-user.store.js'
import { voidEmailChallenges } from '../records/email-challenge.store.js'
import type { EndUser } from '../records/end-user.js'
import { isAddressTaken } from '../records/end-user-search.store.js'
import { voidWaitingMails } from '../records/end-user.store.js'
import { ALL_TOKENS, voidOneTimeTokens } from '../records/one-time-token.store.js'
import { endEverySession } from '../steps/end-every-session.js'
import { checkMetadata, mergeMetadata } from '../steps/read-metadata.js'
import { byDirectory, refuseTaken, taken, type DirectoryCall } from './directory-call.js'
import { addressOf, profileOf } from './directory-profile.js'
import { vouchesFor } from './vouched-address.js'

/**
 * Makes an account what its directory says: address, names, whether it may sign in. `before`: as the directory said it last, `null` for an
 * account that it takes over. Answers when the directory itself disabled it. The caller holds the account's row.
 */
export async function manageAccount(
  tx: ProjectTx,
  call: DirectoryCall,
  { account, before, after, now }: {
    account: EndUser
    before: DirectoryUser | null
    after: { resource: Resource; active: boolean }
    now: Date
  },
): Promise<Date | null> {
  const address = addressOf(after.resource) ?? { typed: '', normalised: '' }
  const moved = address.normalised !== account.email
  if (moved && (await isAddressTaken(tx, address.normalised, account.id))) throw taken('The address')
  const vouched = await vouchesFor(tx, call.directory, address.normalised)
  const { disabledAt, byUs } = disabledAtOf(account, before, after.active, now)
  const next = {
    id: account.id,
    email: address.normalised,
    emailTyped: address.typed,
    emailVerifiedAt: (moved ? null : account.emailVerifiedAt) ?? (vouched ? now : null),
    metadata: checkMetadata(mergeMetadata(account.metadata, profileOf(after.resource))),
    disabledAt,
  }
  const fields = changedFields(account, next)
  if (before === null) fields.push('directory')
  if (fields.length === 0) return byUs
  await saveManagedAccount(tx, next, now).catch((error: unknown) => refuseTaken(error, 'The address'))
  const disabled = fields.includes('disabled') && disabledAt !== null
  if (moved || disabled) {
    await voidOneTimeTokens(tx, { endUserId: account.id, purposes: ALL_TOKENS, now })
    await voidEmailChallenges(tx, account.email, now)
    await voidWaitingMails(tx, account.id, now)
  }
  const sessionsEnded = disabled
    ? (await endEverySession(tx, { userId: account.id, except: null, reason: 'user_disabled', now })).sessions
    : 0
  const metadata = { fields, sessionsEnded, directoryId: call.directory.id }
  await recordAudit(
    tx,
    { ...byDirectory(call), action: actionFor(fields, disabledAt), resource: 'end_user', resourceId: account.id, metadata },
    now,
  )
  return byUs
}

/** What an operator has disabled stays so: the directory enables again what it disabled itself. */
function disabledAtOf(
  account: EndUser,
  before: DirectoryUser | null,
  active: boolean,
  now: Date,
): { disabledAt: Date | null; byUs: Date | null } {
  const own = before?.disabledAt && account.disabledAt?.getTime() === before.disabledAt.getTime() ? before.disabledAt : null
  if (active) return { disabledAt: own ? null : account.disabledAt, byUs: null }
  if (account.disabledAt) return { disabledAt: account.disabledAt, byUs: own }
  return { disabledAt: now, byUs: now }
}

type Managed = Pick<EndUser, 'email' | 'emailTyped' | 'emailVerifiedAt' | 'metadata' | 'disabledAt'>

function changedFields(account: EndUser, next: Managed): string[] {
  const fields: string[] = []
  if (next.email !== account.email || next.emailTyped !== account.emailTyped) fields.push('email')
  if ((next.emailVerifiedAt === null) !== (account.emailVerifiedAt === null)) fields.push('email_verified')
  if (!isDeepStrictEqual(next.metadata, account.metadata)) fields.push('metadata')
  if ((next.disabledAt === null) !== (account.disabledAt === null)) fields.push('disabled')
  return fields
}

function actionFor(fields: string[], disabledAt: Date | null): EventName {
  if (!fields.includes('disabled')) return 'user.changed'
  return disabledAt === null ? 'user.enabled' : 'user.disabled'
}
