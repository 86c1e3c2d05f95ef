import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import type { OneTimePurpose } from './one-time-token.store.js'

/** `replaced`: a later mail counts, or the account changed since. `unknown`: another project's, cut off, or gone for more than a week. */
export type MailedLinkState = 'good' | 'used' | 'replaced' | 'expired' | 'unknown'

export interface MailedLink {
  state: MailedLinkState
  /** `null`: of a link that is not known. */
  purpose: OneTimePurpose | 'magic_link' | null
  /** Language that its reader has chosen, as they wrote it. */
  savedLocale: string | null
}

interface Row {
  purpose: OneTimePurpose | 'magic_link'
  consumed_at: Date | null
  voided_at: Date | null
  expires_at: Date
  saved_locale: string | null
}

const SAVED = `coalesce(u.metadata->>'locale', u.metadata->>'lang') as saved_locale`

const STATEMENTS = {
  token: `select t.purpose, t.consumed_at, t.voided_at, t.expires_at, ${SAVED} from auth.one_time_token t
    join auth.end_user u on u.project_id = t.project_id and u.id = t.end_user_id
    where t.project_id = auth.current_project_id() and t.digest = $1 and ($2::text is null or t.purpose = $2)`,
  link: `select 'magic_link' as purpose, c.consumed_at, c.voided_at, c.expires_at, ${SAVED} from auth.email_challenge c
    left join auth.end_user u on u.project_id = c.project_id and u.email = c.address
    where c.project_id = auth.current_project_id() and c.link_digest = $1 and c.purpose = 'sign_in' and $2::text is not null`,
}

/**
 * What has become of a mailed link, without spending it; for its holder alone, who could find it out by pressing the button. `purpose`:
 * `null` where it is not said with the link.
 */
export async function findMailedLink(
  db: ProjectDb,
  scope: ProjectScope,
  { digest, purpose, now }: { digest: Buffer; purpose: MailedLink['purpose']; now: Date },
): Promise<MailedLink> {
  const [name, text] = purpose === 'magic_link' ? ['mailed_link_challenge', STATEMENTS.link] : ['mailed_link_token', STATEMENTS.token]
  const [row] = await db.read<Row>(scope, { name, text, values: [digest, purpose] })
  if (!row) return { state: 'unknown', purpose: null, savedLocale: null }
  const { consumed_at: used, voided_at: replaced, expires_at: end, saved_locale: savedLocale } = row
  const state = used ? 'used' : replaced ? 'replaced' : end <= now ? 'expired' : 'good'
  return { state, purpose: row.purpose, savedLocale }
}
