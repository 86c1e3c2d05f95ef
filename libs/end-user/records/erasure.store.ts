import type { ProjectTx } from '@portico/database/project-db'
import type { PageRequest } from '@portico/kernel/paging'

/** Destroys what is kept about somebody beside their account; what, and how many rows of it, with what the account takes along. */
export async function erasePerson(tx: ProjectTx, userId: string): Promise<Record<string, number>> {
  // Two functions, since the reader's row stays on the first machine of a cluster and the rest lies with the project.
  await tx.query({ name: 'hold_event_reader', text: 'select auth.hold_event_reader()', values: [] })
  const [row] = await tx.query<{ destroyed: Record<string, number> }>({
    name: 'erase_person',
    text: 'select auth.erase_person(auth.current_project_id(), $1) as destroyed',
    values: [userId],
  })
  return row?.destroyed ?? {}
}

export interface Erasure {
  id: string
  userId: string
  /** The signed receipt. */
  jws: string
  createdAt: Date
}

const COLUMNS = 'id, end_user_id as "userId", jws, created_at as "createdAt"'

export async function insertErasure(tx: ProjectTx, made: Erasure): Promise<void> {
  await tx.query({
    name: 'erasure_insert',
    text: `insert into auth.audit_erasure (project_id, id, end_user_id, jws, created_at) values (auth.current_project_id(), $1, $2, $3, $4)`,
    values: [made.id, made.userId, made.jws, made.createdAt],
  })
}

export async function publishErasureKey(tx: ProjectTx, publicJwk: object, now: Date): Promise<void> {
  await tx.query({ name: 'publish_audit_key', text: 'select auth.publish_audit_key($1, $2)', values: [JSON.stringify(publicJwk), now] })
}

export async function latestErasure(tx: ProjectTx, userId: string): Promise<Erasure | null> {
  const [row] = await tx.query<Erasure>({
    name: 'erasure_latest',
    text: `select ${COLUMNS} from auth.audit_erasure where project_id = auth.current_project_id() and end_user_id = $1
      order by created_at desc, id desc limit 1`,
    values: [userId],
  })
  return row ?? null
}

/** Newest first; one more than the page. */
export function listErasures(tx: ProjectTx, page: PageRequest): Promise<Erasure[]> {
  return tx.query<Erasure>({
    name: 'erasures',
    text: `select ${COLUMNS} from auth.audit_erasure where project_id = auth.current_project_id()
      and ($1::timestamptz is null or (created_at, id) < ($1, $2::uuid)) order by created_at desc, id desc limit $3 offset $4`,
    values: [page.after?.at ?? null, page.after?.id ?? null, page.limit + 1, page.offset],
  })
}
