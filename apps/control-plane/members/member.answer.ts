import type { Member } from '@portico/platform/members/manage-members'

export function memberAnswer({ row, person }: Member) {
  return {
    user_id: row.userId,
    email: person?.email ?? null,
    name: person?.name ?? null,
    role: row.role,
    break_glass: row.breakGlass,
    source: row.source,
    state: person === null ? 'deleted' : person.disabled ? 'disabled' : person.invited ? 'invited' : 'active',
    last_sign_in_at: person?.lastSignInAt?.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  }
}
