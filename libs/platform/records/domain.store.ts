import type { PlatformSql } from '@portico/database/platform-sql'
import type { ProjectTx } from '@portico/database/project-db'
import { snakeKeys } from '@portico/kernel/snake-case'
import type { SettingsOverrides } from '@portico/kernel/settings/read-settings'

export interface DomainRow {
  id: string
  hostname: string
  verificationToken: string
  verifiedAt: Date | null
  checkedAt: Date | null
  /** Since when its TXT record is gone, while it is verified. */
  proofMissingSince: Date | null
  /** Since when its DNS leads to us. */
  pointsHereSince: Date | null
  /** When an operator made it the main one. */
  mainAt: Date | null
  /** Whether links lead there and, if the project wants it, tokens name it. */
  main: boolean
  createdAt: Date
}

interface RawDomain {
  id: string
  hostname: string
  verification_token: string
  verified_at: Date | null
  checked_at: Date | null
  proof_missing_since: Date | null
  points_here_since: Date | null
  main_at: Date | null
  main: boolean
  created_at: Date
}

const MAIN_FIRST = 'd.main_at desc nulls last, d.verified_at, d.hostname'
// As auth.resolve_project says it.
const COLUMNS = `d.id, d.hostname, d.verification_token, d.verified_at, d.checked_at, d.proof_missing_since, d.points_here_since, d.main_at,
  d.created_at, d.verified_at is not null
    and row_number() over (partition by d.verified_at is null order by ${MAIN_FIRST}) = 1 as main`

function toDomain(row: RawDomain): DomainRow {
  return {
    id: row.id,
    hostname: row.hostname,
    verificationToken: row.verification_token,
    verifiedAt: row.verified_at,
    checkedAt: row.checked_at,
    proofMissingSince: row.proof_missing_since,
    pointsHereSince: row.points_here_since,
    mainAt: row.main_at,
    main: row.main,
    createdAt: row.created_at,
  }
}

export async function listDomains(tx: ProjectTx): Promise<DomainRow[]> {
  const text = `select ${COLUMNS} from auth.domain d where d.project_id = auth.current_project_id() order by d.created_at desc, d.id`
  return (await tx.query<RawDomain>({ name: 'domains', text, values: [] })).map(toDomain)
}

/** False: the project has this host name already. */
export async function insertDomain(
  tx: ProjectTx,
  domain: { id: string; hostname: string; verificationToken: string },
  now: Date,
): Promise<boolean> {
  const rows = await tx.query<{ id: string }>({
    name: 'domain_insert',
    text: `insert into auth.domain (project_id, id, hostname, verification_token, created_at, next_check_at)
      values (auth.current_project_id(), $1, $2, $3, $4, $4) on conflict (project_id, hostname) do nothing returning id`,
    values: [domain.id, domain.hostname, domain.verificationToken, now],
  })
  return rows.length > 0
}

/** Locks them until the transaction ends: what one check decides, another must not have decided meanwhile. */
export async function lockDomains(tx: ProjectTx): Promise<void> {
  const text = 'select id from auth.domain where project_id = auth.current_project_id() order by id for update'
  await tx.query({ name: 'domains_lock', text, values: [] })
}

export async function findDomain(tx: ProjectTx, id: string): Promise<DomainRow | null> {
  return (await listDomains(tx)).find((domain) => domain.id === id) ?? null
}

export type DomainState = Pick<DomainRow, 'verifiedAt' | 'proofMissingSince' | 'pointsHereSince'>

/** Writes down what a look at DNS found. Fails on the unique index when another project holds the host name. */
export async function noteDomain(
  tx: ProjectTx,
  id: string,
  state: DomainState & { nextCheckAt: Date; changed: boolean },
  now: Date,
): Promise<void> {
  await tx.query({
    name: 'domain_note',
    text: `update auth.domain set verified_at = $2, proof_missing_since = $3, points_here_since = $4, checked_at = $5,
      next_check_at = $6 where project_id = auth.current_project_id() and id = $1`,
    values: [id, state.verifiedAt, state.proofMissingSince, state.pointsHereSince, now, state.nextCheckAt],
  })
  if (state.changed) tx.projectChanged(now)
}

/** False: no such domain, or it is not verified. */
export async function makeMain(tx: ProjectTx, id: string, now: Date): Promise<boolean> {
  const rows = await tx.query<{ id: string }>({
    name: 'domain_main',
    text: `update auth.domain set main_at = $2 where project_id = auth.current_project_id() and id = $1 and verified_at is not null returning id`,
    values: [id, now],
  })
  tx.projectChanged(now)
  return rows.length > 0
}

export async function deleteDomain(tx: ProjectTx, id: string, now: Date): Promise<void> {
  const text = 'delete from auth.domain where project_id = auth.current_project_id() and id = $1'
  await tx.query({ name: 'domain_delete', text, values: [id] })
  tx.projectChanged(now)
}

/** Moves it to another project of the tenant, with the audit row there. `null`: that is none, or there is no such domain. */
export async function handOverDomain(
  tx: ProjectTx,
  id: string,
  targetId: string,
  by: { type: string; id: string | null; ip?: string | null | undefined; userAgent?: string | null | undefined },
  now: Date,
): Promise<string | null> {
  const [row] = await tx.query<{ hostname: string | null }>({
    name: 'domain_hand_over',
    text: 'select auth.hand_over_domain($1, $2) as hostname',
    values: [id, targetId],
  })
  if (!row?.hostname) return null
  await tx.query({
    name: 'domain_receive',
    text: 'select auth.receive_domain($1, $2, $3, $4, $5, $6)',
    values: [targetId, id, row.hostname, tx.scope.projectId, JSON.stringify(snakeKeys({ ...by })), now],
  })
  tx.projectChanged(now)
  return row.hostname
}

/** The host that tokens name and environments are told: the main domain where the settings say so, else `null`. */
export async function issuerHost(tx: ProjectTx, settings: SettingsOverrides): Promise<string | null> {
  if (settings.token_issuer !== 'main_domain') return null
  return (await listDomains(tx)).find((domain) => domain.main)?.hostname ?? null
}

/** What a boot gets is another environment from now on. */
export async function environmentChanged(tx: ProjectTx, now: Date): Promise<void> {
  const text = 'update auth.service set env_version = env_version + 1, updated_at = $1 where project_id = auth.current_project_id()'
  await tx.query({ name: 'service_environment_changed', text, values: [now] })
  tx.projectChanged(now)
}

/** Which project's row holds a host name. */
export async function domainHolder(sql: PlatformSql, hostname: string): Promise<{ projectId: string; id: string } | null> {
  const [row] = await sql.run<{ project_id: string; id: string }>({
    name: 'domain_holder',
    text: 'select project_id, id from auth.domain_holder($1)',
    values: [hostname],
  })
  return row ? { projectId: row.project_id, id: row.id } : null
}

/** Those whose turn it is, of all projects; nobody else gets them until `until`. */
export async function dueDomains(sql: PlatformSql, limit: number, now: Date, until: Date): Promise<{ projectId: string; id: string }[]> {
  const rows = await sql.run<{ project_id: string; id: string }>({
    name: 'due_domains',
    text: 'select project_id, id from auth.due_domains($1, $2, $3)',
    values: [limit, now, until],
  })
  return rows.map((row) => ({ projectId: row.project_id, id: row.id }))
}
