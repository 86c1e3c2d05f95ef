import { digestToken } from '@portico/crypto/token-digest'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { MINUTE_SECONDS } from '@portico/kernel/duration'

export const CHALLENGE_BYTES = 32
export const CHALLENGE_SECONDS = 5 * MINUTE_SECONDS

export type ChallengePurpose = 'register' | 'sign_in' | 'second_factor'

const digestOf = (challenge: Buffer) => digestToken(challenge.toString('base64url'))

export async function insertChallenge(
  db: ProjectDb,
  scope: ProjectScope,
  input: { challenge: Buffer; purpose: ChallengePurpose; boundTo: string; rpId: string; expiresAt: Date },
): Promise<void> {
  await db.read(scope, {
    name: 'webauthn_challenge_insert',
    text: `insert into auth.webauthn_challenge (project_id, digest, purpose, bound_to, rp_id, expires_at)
      values (auth.current_project_id(), $1, $2, $3, $4, $5)`,
    values: [digestOf(input.challenge), input.purpose, input.boundTo, input.rpId, input.expiresAt],
  })
}

/**
 * Spends the challenge, right answer or not: what was offered once is never accepted again. False: unknown, spent, too old, or made for
 * something else.
 */
export async function takeChallenge(
  db: ProjectDb,
  scope: ProjectScope,
  input: { challenge: Buffer; purpose: ChallengePurpose; boundTo: string; rpId: string; now: Date },
): Promise<boolean> {
  const rows = await db.read(scope, {
    name: 'webauthn_challenge_take',
    text: `delete from auth.webauthn_challenge
      where project_id = auth.current_project_id() and digest = $1 and purpose = $2 and bound_to = $3 and rp_id = $4 and expires_at > $5 returning digest`,
    values: [digestOf(input.challenge), input.purpose, input.boundTo, input.rpId, input.now],
  })
  return rows.length > 0
}

/** Challenges that were made for sessions and half-done sign-ins of the user, but for one session; answers how many went. */
export async function deleteChallenges(tx: ProjectTx, userId: string, exceptSession: string | null): Promise<number> {
  const rows = await tx.query({
    name: 'webauthn_challenge_delete_of',
    text: `delete from auth.webauthn_challenge where project_id = auth.current_project_id() and bound_to = any (array(
        select 'session ' || s.id from auth.session s
          where s.project_id = auth.current_project_id() and s.end_user_id = $1 and ($2::uuid is null or s.id <> $2)
        union all
        select 'sign_in ' || encode(p.digest, 'hex') from auth.pending_sign_in p where p.project_id = auth.current_project_id() and p.end_user_id = $1))
      returning digest`,
    values: [userId, exceptSession],
  })
  return rows.length
}
