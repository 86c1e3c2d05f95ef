import { addSeconds, DAY_SECONDS } from '@portico/kernel/duration'

/** As long as the link that confirms it. */
const PENDING_EMAIL_SECONDS = DAY_SECONDS

/** An end user as the use cases see one. The password hash is never part of it. */
export interface EndUser {
  id: string
  /** Normalised. */
  email: string
  /** As typed at sign-up; where mail goes. */
  emailTyped: string
  emailVerifiedAt: Date | null
  /** What the person says, through the app. */
  metadata: Record<string, unknown>
  /** What the platform says of them; no end user can write it. */
  appMetadata: Record<string, unknown>
  disabledAt: Date | null
  createdAt: Date
  updatedAt: Date
  lastSignInAt: Date | null
}

/** A change of address that waits to be confirmed. */
export interface PendingEmail {
  /** As typed. */
  email: string
  requestedAt: Date
}

export interface WaitingEmail extends PendingEmail {
  expiresAt: Date
}

/** `auth.end_user` by columns, or the jsonb that the SQL functions answer: instants are then strings. */
export interface EndUserRow {
  id: string
  email: string
  email_typed: string
  email_verified_at: Date | string | null
  metadata: Record<string, unknown>
  app_metadata: Record<string, unknown>
  disabled_at: Date | string | null
  created_at: Date | string
  updated_at: Date | string
  last_sign_in_at: Date | string | null
}

export const END_USER_COLUMNS =
  'id, email, email_typed, email_verified_at, metadata, app_metadata, disabled_at, created_at, updated_at, last_sign_in_at'

/** The same for a statement that joins. */
export const endUserColumns = (alias: string) => END_USER_COLUMNS.split(', ').map((column) => `${alias}.${column}`).join(', ')

const instant = (value: Date | string | null): Date | null => (value === null ? null : new Date(value))

export function toEndUser(row: EndUserRow): EndUser {
  return {
    id: row.id,
    email: row.email,
    emailTyped: row.email_typed,
    emailVerifiedAt: instant(row.email_verified_at),
    metadata: row.metadata,
    appMetadata: row.app_metadata,
    disabledAt: instant(row.disabled_at),
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
    lastSignInAt: instant(row.last_sign_in_at),
  }
}

/** The change that still waits; `null`: none does, or it is too old. */
export function waitingEmail(pending: PendingEmail | null, now: Date): WaitingEmail | null {
  const expiresAt = pending && addSeconds(pending.requestedAt, PENDING_EMAIL_SECONDS)
  return pending && expiresAt && expiresAt > now ? { ...pending, expiresAt } : null
}
