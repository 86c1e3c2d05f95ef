import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { camelKeys, snakeKeys } from '@portico/kernel/snake-case'
import { SAML_DEFAULTS, type SsoConnection, type SsoSettings, type SsoState } from './sso-connection.js'

interface Row {
  id: string
  organization_id: string | null
  name: string
  state: SsoState
  config: Record<string, unknown>
  secret_sealed: Buffer | null
  enforce: boolean
  local_login: boolean
  domains: string[]
  created_at: Date
  updated_at: Date
}

const COLUMNS = `c.id, c.organization_id, c.name, c.state, c.config, c.secret_sealed, c.enforce, c.local_login, c.created_at, c.updated_at,
  array(select d.domain from auth.email_domain d where d.project_id = auth.current_project_id() and d.connection_id = c.id
    and d.verified_at is not null order by d.domain) as domains`
const FROM = 'auth.sso_connection c where c.project_id = auth.current_project_id()'

const toConnection = (row: Row): SsoConnection => ({
  id: row.id,
  organizationId: row.organization_id,
  name: row.name,
  state: row.state,
  settings: readSettings(row.config),
  secretSealed: row.secret_sealed,
  enforce: row.enforce,
  localLogin: row.local_login,
  domains: row.domains,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})

/** What `stored` wrote, in this release or in one before it. */
function readSettings(config: Record<string, unknown>): SsoSettings {
  const settings = camelKeys(config) as unknown as SsoSettings
  return { ...settings, saml: settings.saml && { ...SAML_DEFAULTS, ...settings.saml } }
}

const stored = (settings: SsoSettings): string => JSON.stringify(snakeKeys({ ...settings }))

/** All, or those of one organization; oldest first. */
export async function listSsoConnections(tx: ProjectTx, organizationId?: string): Promise<SsoConnection[]> {
  const rows = await tx.query<Row>({
    name: 'sso_connection_list',
    text: `select ${COLUMNS} from ${FROM} and ($1::uuid is null or c.organization_id = $1) order by c.created_at, c.id`,
    values: [organizationId ?? null],
  })
  return rows.map(toConnection)
}

export async function countSsoConnections(tx: ProjectTx): Promise<number> {
  const [row] = await tx.query<{ count: number }>({ name: 'sso_connection_count', text: `select count(*)::int as count from ${FROM}`, values: [] })
  return row?.count ?? 0
}

const BY_ID = { name: 'sso_connection_find', text: `select ${COLUMNS} from ${FROM} and c.id = $1` }

export async function findSsoConnection(db: ProjectDb, scope: ProjectScope, id: string): Promise<SsoConnection | null> {
  const [row] = await db.read<Row>(scope, { ...BY_ID, values: [id] })
  return row ? toConnection(row) : null
}

export async function findSsoConnectionWithin(tx: ProjectTx, id: string): Promise<SsoConnection | null> {
  const [row] = await tx.query<Row>({ ...BY_ID, values: [id] })
  return row ? toConnection(row) : null
}

/** Locked until the end of the transaction. */
export async function lockSsoConnection(tx: ProjectTx, id: string): Promise<SsoConnection | null> {
  const text = 'select 1 from auth.sso_connection where project_id = auth.current_project_id() and id = $1 for update'
  const rows = await tx.query({ name: 'sso_connection_lock', text, values: [id] })
  return rows.length === 0 ? null : findSsoConnectionWithin(tx, id)
}

/** The active connection that answers for people of a mail domain. */
export async function findSsoConnectionByDomain(db: ProjectDb, scope: ProjectScope, domain: string): Promise<SsoConnection | null> {
  const [row] = await db.read<Row>(scope, {
    name: 'sso_connection_by_domain',
    text: `select ${COLUMNS} from ${FROM} and c.state = 'active' and c.id = (select e.connection_id from auth.email_domain e
      where e.project_id = auth.current_project_id() and e.domain = $1 and e.verified_at is not null)`,
    values: [domain],
  })
  return row ? toConnection(row) : null
}

/** The active connection of an organization, named by id or slug; the oldest of several. */
export async function findSsoConnectionByOrganization(db: ProjectDb, scope: ProjectScope, idOrSlug: string): Promise<SsoConnection | null> {
  const [row] = await db.read<Row>(scope, {
    name: 'sso_connection_by_organization',
    text: `select ${COLUMNS} from ${FROM} and c.state = 'active' and c.organization_id = (select o.id from auth.organization o
      where o.project_id = auth.current_project_id() and (o.slug = $1 or o.id::text = $1)) order by c.created_at, c.id limit 1`,
    values: [idOrSlug],
  })
  return row ? toConnection(row) : null
}

/** Whether the project has a connection that anybody can come in by. */
export async function hasActiveSsoConnection(db: ProjectDb, scope: ProjectScope): Promise<boolean> {
  const rows = await db.read(scope, { name: 'sso_connection_any', text: `select 1 from ${FROM} and c.state = 'active' limit 1`, values: [] })
  return rows.length > 0
}

export async function insertSsoConnection(tx: ProjectTx, connection: Omit<SsoConnection, 'domains'>): Promise<void> {
  await tx.query({
    name: 'sso_connection_insert',
    text: `insert into auth.sso_connection (project_id, id, organization_id, protocol, name, state, config, secret_sealed, enforce, local_login,
        created_at, updated_at)
      values (auth.current_project_id(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)`,
    values: [connection.id, connection.organizationId, connection.settings.protocol, connection.name, connection.state,
      stored(connection.settings), connection.secretSealed, connection.enforce, connection.localLogin, connection.createdAt],
  })
}

export async function saveSsoConnection(tx: ProjectTx, connection: Omit<SsoConnection, 'domains'>): Promise<void> {
  await tx.query({
    name: 'sso_connection_save',
    text: `update auth.sso_connection set name = $2, state = $3, config = $4, secret_sealed = $5, enforce = $6, local_login = $7, updated_at = $8
      where project_id = auth.current_project_id() and id = $1`,
    values: [connection.id, connection.name, connection.state, stored(connection.settings), connection.secretSealed,
      connection.enforce, connection.localLogin, connection.updatedAt],
  })
}

/** A connection is taken off these by hand: Citus refuses a key that takes a value away. */
const UNLINK = [
  [
    'sso_connection_off_domains',
    'update auth.email_domain set connection_id = null where project_id = auth.current_project_id() and connection_id = $1',
  ],
  [
    'sso_connection_off_links',
    'update auth.setup_link set connection_id = null where project_id = auth.current_project_id() and connection_id = $1',
  ],
] as const

export async function deleteSsoConnection(tx: ProjectTx, id: string): Promise<void> {
  for (const [name, text] of UNLINK) await tx.query({ name, text, values: [id] })
  const text = 'delete from auth.sso_connection where project_id = auth.current_project_id() and id = $1'
  await tx.query({ name: 'sso_connection_delete', text, values: [id] })
}

/** What `auth.local_sign_in` says of the user: whether anything but the identity provider of their company lets them in. */
export async function localSignIn(tx: ProjectTx, user: { id: string; email: string }): Promise<'free' | 'break_glass' | 'refused'> {
  const [row] = await tx.query<{ answer: 'free' | 'break_glass' | 'refused' }>({
    name: 'local_sign_in',
    text: 'select auth.local_sign_in(auth.current_project_id(), $1, $2) as answer',
    values: [user.email, user.id],
  })
  return row?.answer ?? 'refused'
}

/** Whether anybody who is still enabled has come in by the connection. */
export async function hasComeInBy(tx: ProjectTx, provider: string): Promise<boolean> {
  const rows = await tx.query({
    name: 'sso_connection_used',
    text: `select 1 from auth.identity i join auth.end_user u on u.project_id = auth.current_project_id() and u.id = i.end_user_id
      where i.project_id = auth.current_project_id() and i.provider = $1 and u.disabled_at is null limit 1`,
    values: [provider],
  })
  return rows.length > 0
}

/** Identities of a connection that goes; the accounts stay. Answers whose they were. */
export async function deleteIdentitiesOf(tx: ProjectTx, provider: string): Promise<string[]> {
  const rows = await tx.query<{ end_user_id: string }>({
    name: 'sso_connection_identities_delete',
    text: 'delete from auth.identity where project_id = auth.current_project_id() and provider = $1 returning end_user_id',
    values: [provider],
  })
  return rows.map((row) => row.end_user_id)
}
