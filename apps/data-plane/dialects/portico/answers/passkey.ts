import type { ListedPasskey } from '@portico/end-user/records/passkey.store'

/** Binary values as WebAuthn's own JSON writes them (Level 3, 5.1.8): base64url. */
export function passkeyAnswer(passkey: ListedPasskey) {
  return {
    id: passkey.id,
    credential_id: passkey.credentialId.toString('base64url'),
    friendly_name: passkey.friendlyName,
    public_key: passkey.publicKey.toString('base64url'),
    transports: passkey.transports,
    aaguid: passkey.aaguid,
    backup_eligible: passkey.backupEligible,
    backed_up: passkey.backedUp,
    sign_count: passkey.signCount,
    rp_id: passkey.rpId,
    discoverable: passkey.discoverable,
    user_verified: passkey.userVerified,
    user_agent: passkey.userAgent,
    created_at: passkey.createdAt.toISOString(),
    last_used_at: passkey.lastUsedAt?.toISOString() ?? null,
  }
}
