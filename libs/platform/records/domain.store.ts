import type { ProjectTx } from '@portico/database/project-db'

export interface DomainRow {
  id: string
  hostname: string
  verificationToken: string
  verifiedAt: Date | null
  createdAt: Date
}

interface RawDomain {
  id: string
  hostname: string
  verification_token: string
  verified_at: Date | null
  created_at: Date
}

const COLUMNS = 'id, hostname, verification_token, verified_at, created_at'

function toDomain(row: RawDomain): DomainRow {
  return {
    id: row.id,
    hostname: row.hostname,
    verificationToken: row.verification_token,
    verifiedAt: row.verified_at,
    createdAt: row.created_at,
  }
}

export async function listDomains(tx: ProjectTx): Promise<DomainRow[]> {
  const text = `select ${COLUMNS} from auth.domain where project_id = auth.current_project_id() order by created_at desc, id`
  return (await tx.query<RawDomain>({ name: 'domains', text, values: [] })).map(toDomain)
}

/** `null`: the project has this host name already. */
export async function insertDomain(
  tx: ProjectTx,
  domain: { id: string; hostname: string; verificationToken: string },
  now: Date,
): Promise<DomainRow | null> {
  const [row] = await tx.query<RawDomain>({
    name: 'domain_insert',
    text: `insert into auth.domain (project_id, id, hostname, verification_token, created_at) values (auth.current_project_id(), $1, $2, $3, $4)
      on conflict (project_id, hostname) do nothing returning ${COLUMNS}`,
    values: [domain.id, domain.hostname, domain.verificationToken, now],
  })
  return row ? toDomain(row) : null
}

export async function findDomain(tx: ProjectTx, id: string): Promise<DomainRow | null> {
  const text = `select ${COLUMNS} from auth.domain where project_id = auth.current_project_id() and id = $1`
  const [row] = await tx.query<RawDomain>({ name: 'domain', text, values: [id] })
  return row ? toDomain(row) : null
}

/** `null`: gone, or verified meanwhile. Fails on the unique index when another project holds the host name. */
export async function markDomainVerified(tx: ProjectTx, id: string, now: Date): Promise<DomainRow | null> {
  const text = `update auth.domain set verified_at = $2 where project_id = auth.current_project_id() and id = $1 and verified_at is null returning ${COLUMNS}`
  const [row] = await tx.query<RawDomain>({ name: 'domain_verify', text, values: [id, now] })
  tx.projectChanged(now)
  return row ? toDomain(row) : null
}

export async function deleteDomain(tx: ProjectTx, id: string, now: Date): Promise<DomainRow | null> {
  const text = `delete from auth.domain where project_id = auth.current_project_id() and id = $1 returning ${COLUMNS}`
  const [row] = await tx.query<RawDomain>({ name: 'domain_delete', text, values: [id] })
  tx.projectChanged(now)
  return row ? toDomain(row) : null
}
