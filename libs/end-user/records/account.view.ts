import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { ProjectScope } from '@portico/database/project-scope'
import { toEndUser, type EndUserRow } from './end-user.js'
import type { ListedFactor } from './factors.view.js'
import type { Identity } from './identity.store.js'

export interface UserDetails {
  identities: Identity[]
  factors: ListedFactor[]
}

interface DetailsRow {
  identities: {
    provider: string
    subject: string
    email: string | null
    email_verified: boolean
    profile: Record<string, unknown>
    created_at: string
    last_sign_in_at: string | null
  }[]
  factors: {
    id: string
    type: ListedFactor['type']
    friendly_name: string | null
    active: boolean
    created_at: string
    last_used_at: string | null
  }[]
}

const instant = (value: string | null): Date | null => (value === null ? null : new Date(value))

/** What is shown of a user only where one user is read: linked providers and second factors, in one trip. */
export async function readUserDetails(db: ProjectDb, scope: ProjectScope, userId: string): Promise<UserDetails> {
  const [row] = await db.call<DetailsRow>(scope, {
    name: 'user_details',
    text: 'select identities, factors from auth.user_details($1, $2)',
    values: [userId],
  })
  if (!row) throw new Error('auth.user_details answered nothing')
  return toDetails(row, userId)
}

/** The user of a live session with the same details, in one trip; `null`: the session or its user is over. Notes the use of the session. */
export async function findCurrentAccount(db: ProjectDb, project: ProjectRecord, sessionId: string, now: Date) {
  const [row] = await db.call<
    { [K in keyof DetailsRow]: DetailsRow[K] | null } & {
      end_user: EndUserRow
      pending_email: { email: string; requested_at: string } | null
    }
  >(project.scope, {
    name: 'current_account',
    text: 'select end_user, identities, factors, pending_email from auth.current_account($1, $2, $3, $4)',
    values: [sessionId, now, project.settings.session_idle_seconds],
  })
  if (!row) return null
  const user = toEndUser(row.end_user)
  const pending = row.pending_email && { email: row.pending_email.email, requestedAt: new Date(row.pending_email.requested_at) }
  return { user, pending, ...toDetails({ identities: row.identities ?? [], factors: row.factors ?? [] }, user.id) }
}

function toDetails(row: DetailsRow, userId: string): UserDetails {
  return {
    identities: row.identities.map((identity) => ({
      provider: identity.provider,
      subject: identity.subject,
      endUserId: userId,
      email: identity.email,
      emailVerified: identity.email_verified,
      profile: identity.profile,
      createdAt: new Date(identity.created_at),
      lastSignInAt: instant(identity.last_sign_in_at),
    })),
    factors: row.factors.map((factor) => ({
      id: factor.id,
      type: factor.type,
      friendlyName: factor.friendly_name,
      active: factor.active,
      createdAt: new Date(factor.created_at),
      lastUsedAt: instant(factor.last_used_at),
    })),
  }
}
