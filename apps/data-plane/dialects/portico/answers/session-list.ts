import type { ListedSession } from '@portico/end-user/records/session-search.store'

export function sessionListAnswer(sessions: readonly ListedSession[], currentId: string) {
  return {
    data: sessions.map((session) => ({
      id: session.id,
      created_at: session.createdAt.toISOString(),
      last_used_at: session.lastUsedAt.toISOString(),
      ip: session.ip,
      user_agent: session.userAgent,
      amr: session.amr,
      current: session.id === currentId,
    })),
  }
}
