import type { PlatformSql } from '@portico/database/platform-sql'
import type { ProjectTx } from '@portico/database/project-db'
import type { PageRequest } from '@portico/kernel/paging'

/** What happened in a project, as its followers are told: without addresses of the network, which the audit log has. */
export interface ProjectEvent {
  id: string
  type: string
  actorType: string
  actorId: string | null
  resource: string
  resourceId: string | null
  data: Record<string, unknown>
  createdAt: Date
}

/** Where a follower is: the transaction and the number of the last event that it was told. */
export interface EventPlace {
  tx: string
  number: string
}

const COLUMNS = `id, action as type, actor_type as "actorType", actor_id as "actorId", resource, resource_id as "resourceId", metadata as data,
  created_at as "createdAt"`

/** Newest first; one row more than the page. */
export function listProjectEvents(tx: ProjectTx, types: readonly string[] | null, page: PageRequest): Promise<ProjectEvent[]> {
  return tx.query<ProjectEvent>({
    name: 'project_events',
    text: `select ${COLUMNS} from auth.audit_event
      where project_id = auth.current_project_id() and ($1::text[] is null or action = any ($1))
        and ($2::timestamptz is null or (created_at, id) < ($2, $3::uuid))
      order by created_at desc, id desc limit $4 offset $5`,
    values: [types, page.after?.at ?? null, page.after?.id ?? null, page.limit + 1, page.offset],
  })
}

/** Where this event stands; `null` when the project has none of that id, or it is older than the order. */
export async function findEventPlace(tx: ProjectTx, id: string): Promise<(EventPlace & { createdAt: Date }) | null> {
  const [row] = await tx.query<EventPlace & { createdAt: Date }>({
    name: 'event_place',
    text: `select tx::text, number::text, created_at as "createdAt" from auth.audit_event
      where project_id = auth.current_project_id() and id = $1 and tx is not null`,
    values: [id],
  })
  return row ?? null
}

/** The end of what has been committed: an event that is not told before it will come after it. */
export async function currentEventPlace(tx: ProjectTx): Promise<EventPlace> {
  const text = 'select pg_snapshot_xmin(pg_current_snapshot())::text as tx'
  const [row] = await tx.query<{ tx: string }>({ name: 'event_horizon', text, values: [] })
  // Before the first event of the transaction that is the horizon.
  return { tx: row!.tx, number: '-1' }
}

/**
 * The events after a place whose transactions had ended before `until`, in their order. `since` is a time before all of them, so that the
 * search is short: an event bears the time of its request, which is a few seconds before its commit at the most.
 */
export async function eventsAfter(
  tx: ProjectTx,
  { place, since, until, limit }: { place: EventPlace; since: Date; until: EventPlace; limit: number },
): Promise<(ProjectEvent & EventPlace)[]> {
  return tx.query<ProjectEvent & EventPlace>({
    name: 'events_after',
    text: `select ${COLUMNS}, tx::text, number::text from auth.audit_event
      where project_id = auth.current_project_id() and created_at >= $3
        and (tx, number) > ($1::text::xid8, $2::bigint) and (tx, number) <= ($4::text::xid8, $5::bigint)
      order by audit_event.tx, audit_event.number limit $6`,
    values: [place.tx, place.number, since, until.tx, until.number, limit],
  })
}

export interface Followed {
  projectId: string
  place: EventPlace
}

type FollowedRow = [
  stream: number,
  tx: string | number,
  number: string | number,
  id: string,
  type: string,
  actorType: string,
  actorId: string | null,
  resource: string,
  resourceId: string | null,
  data: Record<string, unknown>,
  createdAt: string,
]

/** What is new for each of the followers, by its place in the list, and up to where nothing is missing. One question for all of them. */
export async function followedEvents(
  sql: PlatformSql,
  followed: readonly Followed[],
  limit: number,
): Promise<{ horizon: string; events: (ProjectEvent & EventPlace & { stream: number })[] }> {
  const [answer] = await sql.run<{ horizon: string; events: FollowedRow[] }>({
    name: 'events_followed',
    text: 'select horizon, events from auth.events_followed($1, $2, $3, $4, $5)',
    values: [
      followed.map((_, index) => index),
      followed.map(({ projectId }) => projectId),
      followed.map(({ place }) => place.tx),
      followed.map(({ place }) => place.number),
      limit,
    ],
  })
  if (!answer) throw new Error('auth.events_followed answered nothing')
  return {
    horizon: answer.horizon,
    events: answer.events.map(([stream, tx, number, id, type, actorType, actorId, resource, resourceId, data, createdAt]) => ({
      stream, tx: String(tx), number: String(number), id, type, actorType, actorId, resource, resourceId, data,
      createdAt: new Date(createdAt),
    })),
  }
}
