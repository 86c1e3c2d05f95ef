import type { ProjectTx } from '@portico/database/project-db'
import { MINUTE_SECONDS } from '@portico/kernel/duration'

export const OAUTH_FLOW_TTL_SECONDS = 10 * MINUTE_SECONDS

export interface OAuthFlow {
  nonce: string
  verifierSealed: Buffer
  redirectTo: string | null
  appState: string | null
  codeChallenge: string | null
  linkEndUserId: string | null
  /** Of the mailed token whose page began this; the column's name is older than confirmations with a provider. */
  mailedDigest: Buffer | null
}

export interface NewOAuthFlow extends OAuthFlow {
  stateDigest: Buffer
  browserDigest: Buffer
  provider: string
  now: Date
  expiresAt: Date
}

export async function insertOAuthFlow(tx: ProjectTx, flow: NewOAuthFlow): Promise<void> {
  await tx.query({
    name: 'oauth_flow_insert',
    text: `insert into auth.oauth_flow (project_id, state_digest, provider, browser_digest, nonce, verifier_sealed, redirect_to, app_state, code_challenge,
        link_end_user_id, mailed_digest, created_at, expires_at)
      values (auth.current_project_id(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    values: [
      flow.stateDigest,
      flow.provider,
      flow.browserDigest,
      flow.nonce,
      flow.verifierSealed,
      flow.redirectTo,
      flow.appState,
      flow.codeChallenge,
      flow.linkEndUserId,
      flow.mailedDigest,
      flow.now,
      flow.expiresAt,
    ],
  })
}

interface Row {
  nonce: string
  verifier_sealed: Buffer
  redirect_to: string | null
  app_state: string | null
  code_challenge: string | null
  link_end_user_id: string | null
  mailed_digest: Buffer | null
}

/**
 * Spends the flow, in one statement, and only for the browser that began it: a state that somebody else began, or that was used, finds
 * nothing.
 */
export async function consumeOAuthFlow(
  tx: ProjectTx,
  { stateDigest, browserDigest, provider, now }: { stateDigest: Buffer; browserDigest: Buffer; provider: string; now: Date },
): Promise<OAuthFlow | null> {
  const [row] = await tx.query<Row>({
    name: 'oauth_flow_consume',
    text: `update auth.oauth_flow set consumed_at = $4
      where project_id = auth.current_project_id() and state_digest = $1 and browser_digest = $2 and provider = $3 and consumed_at is null and expires_at > $4
      returning nonce, verifier_sealed, redirect_to, app_state, code_challenge, link_end_user_id, mailed_digest`,
    values: [stateDigest, browserDigest, provider, now],
  })
  if (!row) return null
  return {
    nonce: row.nonce,
    verifierSealed: row.verifier_sealed,
    redirectTo: row.redirect_to,
    appState: row.app_state,
    codeChallenge: row.code_challenge,
    linkEndUserId: row.link_end_user_id,
    mailedDigest: row.mailed_digest,
  }
}

/** Ends what the user began at a provider in order to link it; answers how many were still good. */
export async function voidLinkFlows(tx: ProjectTx, userId: string, now: Date): Promise<number> {
  const rows = await tx.query<{ good: boolean }>({
    name: 'oauth_flow_void_links',
    text: `update auth.oauth_flow set consumed_at = $2
      where project_id = auth.current_project_id() and link_end_user_id = $1 and consumed_at is null returning expires_at > $2 as good`,
    values: [userId, now],
  })
  return rows.filter(({ good }) => good).length
}
