import type { ProjectTx } from '@portico/database/project-db'
import { readSsoRow, ssoRow, type SsoBeginning } from './session-draft.js'

/** What a redirect carries is good for this long: the app redeems it at once. */
export const EXCHANGE_CODE_TTL_SECONDS = 120

export type ExchangePurpose = 'sign_in' | 'link'

export interface NewExchangeCode {
  digest: Buffer
  endUserId: string
  purpose: ExchangePurpose
  amr: readonly string[]
  payload?: Record<string, unknown>
  /** The session that the code is for, where it has begun already. */
  sessionId?: string
  /** The organization that the session works for from its beginning. */
  organizationId?: string | null
  /** The assertion that it was made for. */
  sso?: SsoBeginning | null
  /** Which provider or single sign-on connection vouched. */
  connection?: string
  codeChallenge: string
  now: Date
  expiresAt: Date
}

export async function insertExchangeCode(tx: ProjectTx, code: NewExchangeCode): Promise<void> {
  await tx.query({
    name: 'exchange_code_insert',
    text: `insert into auth.exchange_code (project_id, digest, end_user_id, purpose, amr, payload, code_challenge, created_at, expires_at)
      values (auth.current_project_id(), $1, $2, $3, $4, $5, $6, $7, $8)`,
    values: insertedValues(code),
  })
}

/** The same for a code that is computed: one that is there already stays as it is. */
export async function insertExchangeCodeOnce(tx: ProjectTx, code: NewExchangeCode): Promise<void> {
  await tx.query({
    name: 'exchange_code_insert_once',
    text: `insert into auth.exchange_code (project_id, digest, end_user_id, purpose, amr, payload, code_challenge, created_at, expires_at)
      values (auth.current_project_id(), $1, $2, $3, $4, $5, $6, $7, $8) on conflict (project_id, digest) do nothing`,
    values: insertedValues(code),
  })
}

const storedPayload = ({ payload, sessionId, organizationId = null, sso = null, connection }: NewExchangeCode) =>
  JSON.stringify({
    ...payload,
    ...(sessionId === undefined ? {} : { session_id: sessionId }),
    ...(organizationId === null ? {} : { organization_id: organizationId }),
    ...(sso === null ? {} : { sso: ssoRow(sso) }),
    ...(connection === undefined ? {} : { connection }),
  })

const insertedValues = (code: NewExchangeCode) => [
  code.digest, code.endUserId, code.purpose, code.amr, storedPayload(code), code.codeChallenge, code.now, code.expiresAt,
]

export interface SpentExchangeCode {
  endUserId: string
  amr: string[]
  payload: Record<string, unknown>
  sessionId: string | null
  organizationId: string | null
  sso: SsoBeginning | null
  connection: string | null
  codeChallenge: string
}

/**
 * Spends the code, in one statement, and says so beside it: a code that was taken back is another thing. A wrong verifier spends it too:
 * the code has leaked, so it must not be tried again.
 */
export async function consumeExchangeCode(
  tx: ProjectTx,
  { digest, purpose, now }: { digest: Buffer; purpose: ExchangePurpose; now: Date },
): Promise<SpentExchangeCode | null> {
  const [row] = await tx.query<{ end_user_id: string; amr: string[]; payload: Record<string, unknown>; code_challenge: string }>({
    name: 'exchange_code_consume',
    text: `update auth.exchange_code set consumed_at = $3, payload = payload || '{"redeemed": true}'
      where project_id = auth.current_project_id() and digest = $1 and purpose = $2 and consumed_at is null and expires_at > $3
      returning end_user_id, amr, payload, code_challenge`,
    values: [digest, purpose, now],
  })
  if (!row) return null
  const { end_user_id: endUserId, amr, payload, code_challenge: codeChallenge } = row
  const text = (value: unknown) => (typeof value === 'string' ? value : null)
  const [sessionId, organizationId] = [text(payload['session_id']), text(payload['organization_id'])]
  const sso = readSsoRow(payload['sso'])
  return { endUserId, amr, payload, codeChallenge, sessionId, organizationId, sso, connection: text(payload['connection']) }
}

/** Takes back the codes that wait for a user; answers how many were still good. */
export async function voidExchangeCodes(tx: ProjectTx, endUserId: string, now: Date): Promise<number> {
  const rows = await tx.query<{ good: boolean }>({
    name: 'exchange_code_void',
    text: `update auth.exchange_code set consumed_at = $2
      where project_id = auth.current_project_id() and end_user_id = $1 and consumed_at is null returning expires_at > $2 as good`,
    values: [endUserId, now],
  })
  return rows.filter(({ good }) => good).length
}
