import type { StartedTotp } from '@portico/end-user/factors/enrol-totp'
import type { ListedFactor, OfferedFactor } from '@portico/end-user/records/factors.view'

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

/** One that may be used now. */
export function offeredFactorAnswer({ id, type, friendlyName }: OfferedFactor) {
  return { id, type, friendly_name: friendlyName }
}

/** What an authenticator app needs to make codes; shown this once. */
export function startedTotpAnswer({ factorId, friendlyName, uri, secret, qrCode }: StartedTotp) {
  return {
    factor_id: factorId,
    type: 'totp' as const,
    friendly_name: friendlyName,
    status: 'unverified' as const,
    otpauth_uri: uri,
    secret,
    qr_code: qrCode,
  }
}
