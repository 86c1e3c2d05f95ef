import type { Erasure } from '@portico/end-user/records/erasure.store'

/** The receipt, and what stands in it: read from it, so that nobody has to trust that the two agree. */
export function erasureAnswer({ id, userId, jws, createdAt }: Erasure) {
  const signed = JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString('utf8')) as Record<string, unknown>
  return {
    id,
    user_id: userId,
    destroyed: signed['destroyed'],
    kept: signed['kept'],
    receipt: jws,
    created_at: createdAt.toISOString(),
  }
}
