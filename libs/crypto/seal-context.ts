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

/** The client secret of an outside provider, or the secret of the captcha check. */
export function providerSecretContext(projectId: string, provider: string): SealContext {
  return { projectId, purpose: 'provider_secret', id: provider }
}

/** The code verifier of a browser on its way to a provider. */
export function oauthVerifierContext(projectId: string, stateDigest: Buffer): SealContext {
  return { projectId, purpose: 'oauth_verifier', id: stateDigest.toString('hex') }
}

/** The ticket with which a signed-in user sends the browser to a provider to link it. */
export function linkTicketContext(projectId: string): SealContext {
  return { projectId, purpose: 'link_ticket', id: 'ticket' }
}

/** What a browser on its way to the sign-in page of the console, or to its outside issuer, brings back. */
export function consoleFlowContext(projectId: string, stateDigest: Buffer): SealContext {
  return { projectId, purpose: 'console_flow', id: stateDigest.toString('hex') }
}

/** What a project's refresh tokens are computed from. */
export function tokenKeyContext(projectId: string): SealContext {
  return { projectId, purpose: 'token_key', id: projectId }
}

/** Password or API key of a mail sender; `owner` is its project or tenant, `id` that of this configuration. */
export function mailSenderContext(owner: string, id: string): SealContext {
  return { projectId: owner, purpose: 'mail_sender', id }
}

/** The secrets that sign for a webhook endpoint. */
export function webhookSecretContext(projectId: string, endpointId: string): SealContext {
  return { projectId, purpose: 'webhook_secret', id: endpointId }
}

/** What one of our pages would look like with settings that are not saved; in an address. */
export function pagePreviewContext(projectId: string): SealContext {
  return { projectId, purpose: 'page_preview', id: 'ticket' }
}

/** Our own private key for the identity provider of a single sign-on connection. */
export function ssoKeyContext(projectId: string, keyId: string): SealContext {
  return { projectId, purpose: 'sso_key', id: keyId }
}

/** The client secret of a single sign-on connection. */
export function ssoSecretContext(projectId: string, connectionId: string): SealContext {
  return { projectId, purpose: 'sso_secret', id: connectionId }
}

/** What signs for the stream of a tenant's audit log: secrets of webhooks, or the key of a store. */
export function auditStreamContext(tenantId: string, streamId: string): SealContext {
  return { projectId: tenantId, purpose: 'audit_stream', id: streamId }
}
