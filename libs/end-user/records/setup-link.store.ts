import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'

/** A link by which an administrator of a customer sets up the connection of their organization. */
export interface SetupLink {
  id: string
  organizationId: string
  organizationName: string
  /** `null`: none is chosen or made yet. */
  connectionId: string | null
  /** Whose it is among the people of the organization; `null`: an operator's. */
  madeBy: string | null
  createdAt: Date
  expiresAt: Date
  /** When its holder opened it. */
  openedAt: Date | null
  finishedAt: Date | null
  revokedAt: Date | null
}

interface Row {
  id: string
  organization_id: string
  organization_name: string
  connection_id: string | null
  made_by: string | null
  created_at: Date
  expires_at: Date
  opened_at: Date | null
  finished_at: Date | null
  revoked_at: Date | null
}

const COLUMNS = `l.id, l.organization_id, o.name as organization_name, l.connection_id, l.made_by, l.created_at, l.expires_at, l.opened_at, l.finished_at,
  l.revoked_at`
const ORGANIZATION = 'join auth.organization o on o.project_id = auth.current_project_id() and o.id = l.organization_id'
const FROM = `auth.setup_link l ${ORGANIZATION} where l.project_id = auth.current_project_id()`
/** Whoever asks with less than this asks about a link that does nothing any more. */
const LIVE = 'l.revoked_at is null and l.finished_at is null and l.expires_at > $2'

const toLink = (row: Row): SetupLink => ({
  id: row.id,
  organizationId: row.organization_id,
  organizationName: row.organization_name,
  connectionId: row.connection_id,
  madeBy: row.made_by,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  openedAt: row.opened_at,
  finishedAt: row.finished_at,
  revokedAt: row.revoked_at,
})

export async function insertSetupLink(
  tx: ProjectTx,
  link: Pick<SetupLink, 'id' | 'organizationId' | 'connectionId' | 'madeBy' | 'createdAt' | 'expiresAt'> & { tokenDigest: Buffer },
): Promise<void> {
  await tx.query({
    name: 'setup_link_insert',
    text: `insert into auth.setup_link (project_id, id, organization_id, connection_id, token_digest, created_at, expires_at, made_by)
      values (auth.current_project_id(), $1, $2, $3, $4, $5, $6, $7)`,
    values: [link.id, link.organizationId, link.connectionId, link.tokenDigest, link.createdAt, link.expiresAt, link.madeBy],
  })
}

/** Lock the organization first. */
export async function countLiveSetupLinks(tx: ProjectTx, organizationId: string, now: Date): Promise<number> {
  const [row] = await tx.query<{ count: number }>({
    name: 'setup_link_count',
    text: `select count(*)::int as count from auth.setup_link l
      where l.project_id = auth.current_project_id() and l.organization_id = $1 and ${LIVE}`,
    values: [organizationId, now],
  })
  return row?.count ?? 0
}

/** Newest first, those that are over as well. */
export async function listSetupLinks(db: ProjectDb, scope: ProjectScope, organizationId: string, limit: number): Promise<SetupLink[]> {
  const rows = await db.read<Row>(scope, {
    name: 'setup_link_list',
    text: `select ${COLUMNS} from ${FROM} and l.organization_id = $1 order by l.created_at desc, l.id desc limit $2`,
    values: [organizationId, limit],
  })
  return rows.map(toLink)
}

export async function findSetupLink(tx: ProjectTx, id: string): Promise<SetupLink | null> {
  const [row] = await tx.query<Row>({ name: 'setup_link_find', text: `select ${COLUMNS} from ${FROM} and l.id = $1`, values: [id] })
  return row ? toLink(row) : null
}

/** A live one, whether it has a holder already or not. */
export async function findSetupLinkByToken(db: ProjectDb, scope: ProjectScope, tokenDigest: Buffer, now: Date): Promise<SetupLink | null> {
  const [row] = await db.read<Row>(scope, {
    name: 'setup_link_by_token',
    text: `select ${COLUMNS} from ${FROM} and l.token_digest = $1 and ${LIVE}`,
    values: [tokenDigest, now],
  })
  return row ? toLink(row) : null
}

/** The live one that this browser holds. */
export async function findHeldSetupLink(db: ProjectDb, scope: ProjectScope, holderDigest: Buffer, now: Date): Promise<SetupLink | null> {
  const [row] = await db.read<Row>(scope, {
    name: 'setup_link_held',
    text: `select ${COLUMNS} from ${FROM} and l.holder_digest = $1 and ${LIVE}`,
    values: [holderDigest, now],
  })
  return row ? toLink(row) : null
}

/** The first browser that opens a live link holds it; the same one may press again. `null`: somebody else holds it, or it is over. */
export async function holdSetupLink(
  tx: ProjectTx,
  { tokenDigest, holderDigest, now }: { tokenDigest: Buffer; holderDigest: Buffer; now: Date },
): Promise<{ id: string; first: boolean } | null> {
  const [row] = await tx.query<{ id: string; first: boolean }>({
    name: 'setup_link_hold',
    text: `update auth.setup_link l set holder_digest = $3, opened_at = coalesce(l.opened_at, $2)
      where l.project_id = auth.current_project_id() and l.token_digest = $1 and ${LIVE}
        and (l.holder_digest is null or l.holder_digest = $3) returning l.id, l.opened_at = $2 as first`,
    values: [tokenDigest, now, holderDigest],
  })
  return row ?? null
}

/**
 * The live link, locked until the end of the transaction: what its holder does and a revocation follow each other. `null`: it is over.
 */
export async function lockLiveSetupLink(tx: ProjectTx, id: string, now: Date): Promise<SetupLink | null> {
  const text = `select ${COLUMNS} from ${FROM} and l.id = $1 and ${LIVE} for update of l`
  const [row] = await tx.query<Row>({ name: 'setup_link_lock_live', text, values: [id, now] })
  return row ? toLink(row) : null
}

export async function setSetupConnection(tx: ProjectTx, id: string, connectionId: string): Promise<void> {
  await tx.query({
    name: 'setup_link_set_connection',
    text: 'update auth.setup_link set connection_id = $2 where project_id = auth.current_project_id() and id = $1',
    values: [id, connectionId],
  })
}

export async function finishSetupLink(tx: ProjectTx, id: string, now: Date): Promise<void> {
  await tx.query({
    name: 'setup_link_finish',
    text: 'update auth.setup_link set finished_at = $2 where project_id = auth.current_project_id() and id = $1',
    values: [id, now],
  })
}

/** False: there is none, or it is over already. */
export async function revokeSetupLink(
  tx: ProjectTx,
  { id, organizationId, now }: { id: string; organizationId: string; now: Date },
): Promise<boolean> {
  const rows = await tx.query({
    name: 'setup_link_revoke',
    text: `update auth.setup_link l set revoked_at = $2
      where l.project_id = auth.current_project_id() and l.id = $1 and l.organization_id = $3 and ${LIVE} returning l.id`,
    values: [id, now, organizationId],
  })
  return rows.length > 0
}
