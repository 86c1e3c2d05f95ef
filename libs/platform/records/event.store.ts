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

/** Where a follower is in the order in which a project's events are handed on (auth.audit_link): after the event of this number. */
export interface EventPlace {
  seq: string
  /** Of that event; `null` before the first. */
  eventId: string | null
}

/** What is known of the event that a reader names as its last. */
export interface EventPlaces {
  /** The last that was handed on. */
  end: EventPlace
  /** Up to here retention has taken the rows. */
  cut: EventPlace
  /** Of the named event. */
  named: EventPlace | null
  /** The named event is there and waits to be handed on. */
  waits: boolean
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

/** Where the project's order ends, and where this event stands in it. */
export async function findEventPlaces(tx: ProjectTx, id: string | null): Promise<EventPlaces> {
  const [row] = await tx.query<Record<'end' | 'cut', string> & Record<'endId' | 'cutId' | 'seq', string | null> & { waits: boolean }>({
    name: 'event_places',
    text: `select coalesce(c.seq, 0)::text as end, e.event_id as "endId", coalesce(c.cut_seq, 0)::text as cut, k.event_id as "cutId",
        l.seq::text as seq, coalesce(w.waiting, false) as waits
      from auth.service s
      left join auth.audit_chain c on c.project_id = s.project_id
      left join auth.audit_link e on e.project_id = s.project_id and e.seq = c.seq
      left join auth.audit_link k on k.project_id = s.project_id and k.seq = c.cut_seq
      left join auth.audit_link l on l.project_id = s.project_id and l.event_id = $1
      left join auth.audit_event w on w.project_id = s.project_id and w.id = $1
      where s.project_id = auth.current_project_id()`,
    values: [id],
  })
  // Without the service nothing has happened in the project.
  if (!row) return { end: BEFORE_THE_FIRST, cut: BEFORE_THE_FIRST, named: null, waits: false }
  return {
    end: { seq: row.end, eventId: row.endId },
    cut: { seq: row.cut, eventId: row.cutId },
    named: row.seq === null ? null : { seq: row.seq, eventId: id },
    waits: row.waits,
  }
}

export const BEFORE_THE_FIRST: EventPlace = { seq: '0', eventId: null }

export interface HandedOn {
  seq: string
  eventId: string
  /** `null`: retention has taken the row. */
  event: ProjectEvent | null
}

interface HandedOnRow {
  stream: number
  seq: string
  id: string
  type: string | null
  actorType: string
  actorId: string | null
  resource: string
  resourceId: string | null
  data: Record<string, unknown>
  createdAt: Date
}

/**
 * What comes after each of these places, in its order: up to `limit` each and `most` in all, those that stand first before the others. One
 * question for all of them.
 */
export async function eventsHandedOn(
  sql: PlatformSql,
  followed: readonly { projectId: string; seq: string }[],
  { limit, most }: { limit: number; most: number },
): Promise<HandedOn[][]> {
  const rows = await sql.run<HandedOnRow>({
    name: 'events_handed_on',
    text: `select stream, seq::text, event_id as id, action as type, actor_type as "actorType", actor_id as "actorId", resource,
        resource_id as "resourceId", metadata as data, created_at as "createdAt"
      from auth.events_handed_on($1, $2, $3, $4)`,
    values: [followed.map(({ projectId }) => projectId), followed.map(({ seq }) => seq), limit, most],
  })
  const answer = followed.map((): HandedOn[] => [])
  for (const { stream, seq, type, ...event } of rows)
    answer[stream]!.push({ seq, eventId: event.id, event: type === null ? null : { ...event, type } })
  return answer
}
