import type { SealContext } from './sealed-box.js'

/** The associated data of every kind of sealed value: what binds it to its row. Control plane and data plane must agree on them. */
export function signingKeyContext(projectId: string, kid: string): SealContext {
  return { projectId, purpose: 'signing_key', id: kid }
}

export function runtimeVariableContext(projectId: string, name: string): SealContext {
  return { projectId, purpose: 'runtime_variable', id: name }
}

export function totpSeedContext(projectId: string, factorId: string): SealContext {
  return { projectId, purpose: 'totp_seed', id: factorId }
}

/** Idempotent answers belong to a tenant; its id stands where a project's would. */
export function idempotentAnswerContext(tenantId: string, key: string): SealContext {
  return { projectId: tenantId, purpose: 'idempotent_answer', id: key }
}
