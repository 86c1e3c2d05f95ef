import type { ListedVariable } from '@portico/platform/runtime-env/list-variables'
import type { ChangedVariables } from '@portico/platform/runtime-env/set-variables'

export function runtimeEnvAnswer({ env, envVersion }: { env: Record<string, string>; envVersion: number }) {
  return { env, env_version: envVersion }
}

export function variableAnswer({ name, source, updatedAt }: ListedVariable) {
  return { name, source, updated_at: updatedAt.toISOString() }
}

export function changedVariablesAnswer({ envVersion, set, deleted }: ChangedVariables) {
  return { env_version: envVersion, set, deleted }
}
