import type { ProjectTx } from '@portico/database/project-db'

/** A mail domain that an organization, or the project itself, says is its own. */
export interface EmailDomain {
  id: string
  /** `null`: of the project itself. */
  organizationId: string | null
  domain: string
  verificationToken: string
  /** `null`: not proven yet, and good for nothing. */
  verifiedAt: Date | null
  /** The connection that answers for its people. */
  connectionId: string | null
  createdAt: Date
}

interface Row {
  id: string
  organization_id: string | null
  domain: string
  verification_token: string
  verified_at: Date | null
  connection_id: string | null
  created_at: Date
}

const COLUMNS = 'id, organization_id, domain, verification_token, verified_at, connection_id, created_at'

const toEmailDomain = (row: Row): EmailDomain => ({
  id: row.id,
  organizationId: row.organization_id,
  domain: row.domain,
  verificationToken: row.verification_token,
  verifiedAt: row.verified_at,
  connectionId: row.connection_id,
  createdAt: row.created_at,
})

/** Of one owner: an organization, or (`null`) the project itself; `undefined`: all. */
export async function listEmailDomains(tx: ProjectTx, organizationId?: string | null): Promise<EmailDomain[]> {
  const rows = await tx.query<Row>({
    name: 'email_domain_list',
    text: `select ${COLUMNS} from auth.email_domain
      where project_id = auth.current_project_id() and ($1 or organization_id is not distinct from $2::uuid) order by domain, id`,
    values: [organizationId === undefined, organizationId ?? null],
  })
  return rows.map(toEmailDomain)
}

export async function findEmailDomain(tx: ProjectTx, id: string): Promise<EmailDomain | null> {
  const [row] = await tx.query<Row>({
    name: 'email_domain_find',
    text: `select ${COLUMNS} from auth.email_domain where project_id = auth.current_project_id() and id = $1`,
    values: [id],
  })
  return row ? toEmailDomain(row) : null
}

/** Whether anybody in the project has proven it. */
export async function isProvenDomain(tx: ProjectTx, domain: string): Promise<boolean> {
  const rows = await tx.query({
    name: 'email_domain_proven',
    text: 'select 1 from auth.email_domain where project_id = auth.current_project_id() and domain = $1 and verified_at is not null',
    values: [domain],
  })
  return rows.length > 0
}

/** Whether this owner (`null`: the project itself) has proven it. */
export async function ownsEmailDomain(tx: ProjectTx, organizationId: string | null, domain: string): Promise<boolean> {
  const rows = await tx.query({
    name: 'email_domain_owned',
    text: `select 1 from auth.email_domain where project_id = auth.current_project_id() and domain = $1 and verified_at is not null
      and organization_id is not distinct from $2::uuid`,
    values: [domain, organizationId],
  })
  return rows.length > 0
}

/** `null`: this owner names it already. */
export async function insertEmailDomain(
  tx: ProjectTx,
  domain: Pick<EmailDomain, 'id' | 'organizationId' | 'domain' | 'verificationToken' | 'createdAt'>,
): Promise<EmailDomain | null> {
  const [row] = await tx.query<Row>({
    name: 'email_domain_insert',
    text: `insert into auth.email_domain (project_id, id, organization_id, domain, verification_token, created_at)
      values (auth.current_project_id(), $1, $2, $3, $4, $5) on conflict (project_id, organization_id, domain) do nothing returning ${COLUMNS}`,
    values: [domain.id, domain.organizationId, domain.domain, domain.verificationToken, domain.createdAt],
  })
  return row ? toEmailDomain(row) : null
}

/** `null`: gone, or proven meanwhile. Fails on the unique index where another owner of the project has proven it. */
export async function markEmailDomainVerified(tx: ProjectTx, id: string, now: Date): Promise<EmailDomain | null> {
  const [row] = await tx.query<Row>({
    name: 'email_domain_verify',
    text: `update auth.email_domain set verified_at = $2
      where project_id = auth.current_project_id() and id = $1 and verified_at is null returning ${COLUMNS}`,
    values: [id, now],
  })
  return row ? toEmailDomain(row) : null
}

export async function deleteEmailDomain(tx: ProjectTx, id: string): Promise<EmailDomain | null> {
  const [row] = await tx.query<Row>({
    name: 'email_domain_delete',
    text: `delete from auth.email_domain where project_id = auth.current_project_id() and id = $1 returning ${COLUMNS}`,
    values: [id],
  })
  return row ? toEmailDomain(row) : null
}

/** The connection answers for these and no others. Lock its owner's list of domains first. */
export async function setDomainsOfConnection(tx: ProjectTx, connectionId: string, domainIds: readonly string[]): Promise<void> {
  await tx.query({
    name: 'email_domain_set_connection',
    text: `update auth.email_domain set connection_id = case when id = any ($2::uuid[]) then $1::uuid end
      where project_id = auth.current_project_id() and (connection_id = $1 or id = any ($2::uuid[]))`,
    values: [connectionId, domainIds],
  })
}
