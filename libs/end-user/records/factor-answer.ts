import type { ListedFactor } from './factors.view.js'

export function factorAnswer(factor: ListedFactor) {
  return {
    id: factor.id,
    type: factor.type,
    friendly_name: factor.friendlyName,
    status: factor.active ? ('active' as const) : ('unverified' as const),
    created_at: factor.createdAt.toISOString(),
    last_used_at: factor.lastUsedAt?.toISOString() ?? null,
  }
}
