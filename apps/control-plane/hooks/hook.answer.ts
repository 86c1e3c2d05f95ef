import type { HookOutcome } from '@portico/end-user/steps/hooks/call-hook'
import { formatId } from '@portico/kernel/ids'
import type { Hook } from '@portico/platform/records/hook.store'

export function hookAnswer(hook: Hook) {
  return {
    id: formatId('hook', hook.id),
    hook: hook.hook,
    url: hook.url,
    on_failure: hook.onFailure,
    enabled: hook.enabled,
    failing_since: hook.failingSince?.toISOString() ?? null,
    created_at: hook.createdAt.toISOString(),
    updated_at: hook.updatedAt.toISOString(),
  }
}

/** `secret` is null where it was answered before. */
export function hookSecretAnswer({ hook, secret }: { hook: Hook; secret: string | null }) {
  return { ...hookAnswer(hook), secret }
}

export function hookTestAnswer(outcome: HookOutcome) {
  if (outcome.kind === 'failed') return { answered: false, reason: outcome.reason, decision: null, message: null }
  const { allow, message } = outcome.decision
  return { answered: true, reason: null, decision: allow ? 'allow' : 'deny', message }
}
