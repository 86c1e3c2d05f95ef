import type { ProjectTx } from '@portico/database/project-db'

/** Who a mail is for. */
export interface Recipient {
  id: string
  /** Normalised. */
  email: string
  /** As typed at sign-up: where mail goes. */
  address: string
  verified: boolean
  disabled: boolean
  /** Mails that were asked for earlier carry no link any more. */
  linksVoidBefore: Date | null
  /** The same for the confirmation of a change of address. */
  emailChangeVoidBefore: Date | null
}

/** The people that a round of mails is about, as they are now. */
export interface Recipients {
  byId: ReadonlyMap<string, Recipient>
  /** By normalised address. */
  byEmail: ReadonlyMap<string, Recipient>
}

export const NO_RECIPIENTS: Recipients = { byId: new Map(), byEmail: new Map() }

interface Row {
  id: string
  email: string
  email_typed: string
  verified: boolean
  disabled: boolean
  links_void_before: Date | null
  email_change_void_before: Date | null
}

/**
 * The lock makes two mails of one person, or a mail and a password change, follow each other.
 * Always in the order of the ids, so that two rounds cannot wait for each other.
 */
export async function lockRecipients(tx: ProjectTx, ids: readonly string[], emails: readonly string[]): Promise<Recipients> {
  if (ids.length + emails.length === 0) return NO_RECIPIENTS
  const rows = await tx.query<Row>({
    name: 'recipients',
    text: `select id, email, email_typed, email_verified_at is not null as verified, disabled_at is not null as disabled, links_void_before, email_change_void_before
      from auth.end_user where project_id = auth.current_project_id() and id = any (array(
        select unnest($1::uuid[])
        union select u.id from auth.end_user u where u.project_id = auth.current_project_id() and u.email = any ($2::text[]) and u.email <> ''))
      order by id for no key update`,
    values: [ids, emails],
  })
  const found = rows.map(
    (row): Recipient => ({
      id: row.id,
      email: row.email,
      address: row.email_typed,
      verified: row.verified,
      disabled: row.disabled,
      linksVoidBefore: row.links_void_before,
      emailChangeVoidBefore: row.email_change_void_before,
    }),
  )
  return { byId: new Map(found.map((each) => [each.id, each])), byEmail: new Map(found.map((each) => [each.email, each])) }
}
