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
}

interface Row {
  id: string
  email: string
  email_typed: string
  verified: boolean
  disabled: boolean
}

// The lock makes two mails of one person, or a mail and a password change, follow each other.
const COLUMNS = 'id, email, email_typed, email_verified_at is not null as verified, disabled_at is not null as disabled'

const toRecipient = (row: Row | undefined): Recipient | null =>
  row ? { id: row.id, email: row.email, address: row.email_typed, verified: row.verified, disabled: row.disabled } : null

/** By normalised address. */
export async function lockRecipientByEmail(tx: ProjectTx, email: string): Promise<Recipient | null> {
  const rows = await tx.query<Row>({
    name: 'recipient_by_email',
    text: `select ${COLUMNS} from auth.end_user where project_id = auth.current_project_id() and email = $1 for no key update`,
    values: [email],
  })
  return toRecipient(rows[0])
}

export async function lockRecipientById(tx: ProjectTx, id: string): Promise<Recipient | null> {
  const rows = await tx.query<Row>({
    name: 'recipient_by_id',
    text: `select ${COLUMNS} from auth.end_user where project_id = auth.current_project_id() and id = $1 for no key update`,
    values: [id],
  })
  return toRecipient(rows[0])
}
