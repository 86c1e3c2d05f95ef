import type { PlatformSql } from '@portico/database/platform-sql'
import type { ProjectTx } from '@portico/database/project-db'

export interface WebhookReplay {
  id: string
  endpointId: string
  /** `full`: as many messages were made as one replay may make. */
  status: 'running' | 'done' | 'cancelled' | 'full'
  since: Date
  until: Date
  /** Messages so far. */
  deliveries: number
  createdAt: Date
  doneAt: Date | null
}

export interface ReplayStart {
  endpointId: string
  id: string
  since: Date
  until: Date
  types: readonly string[]
  mostRunning: number
  mostOfDay: number
  now: Date
}

/** Why none is begun; the last two: the tenant has as many as it may. */
export type ReplayRefusal = 'missing' | 'off' | 'running' | 'too_many' | 'too_much'
export type ReplayOutcome = ReplayRefusal | 'started'

export const REPLAYS = `select id, endpoint_id as "endpointId", status, since, until, deliveries, created_at as "createdAt",
  done_at as "doneAt" from auth.webhook_replays($1, $2, $3, $4)`
/** Of one endpoint, the newest. */
const SHOWN = 20

/** @param ownerId the project or the tenant whose endpoint it is */
export const replaysValues = (ownerId: string, of: { endpointId: string; id?: string }): unknown[] => [
  ownerId, of.endpointId, of.id ?? null, SHOWN,
]

export const replayMetadata = ({ id, since, until }: ReplayStart) => ({
  replay: id, since: since.toISOString(), until: until.toISOString(),
})

export function refusalOf([row]: readonly { outcome: ReplayOutcome }[]): ReplayRefusal | null {
  const outcome = row?.outcome ?? 'missing'
  return outcome === 'started' ? null : outcome
}

export async function startReplay(tx: ProjectTx, start: ReplayStart): Promise<ReplayRefusal | null> {
  const { endpointId, id, since, until, types, mostRunning, mostOfDay, now } = start
  const rows = await tx.query<{ outcome: ReplayOutcome }>({
    name: 'start_webhook_replay',
    text: 'select auth.start_webhook_replay(auth.current_project_id(), $1, $2, $3, $4, $5, $6, $7, $8) as outcome',
    values: [endpointId, id, since, until, types, mostRunning, mostOfDay, now],
  })
  return refusalOf(rows)
}

export function listReplays(tx: ProjectTx, of: { endpointId: string; id?: string }): Promise<WebhookReplay[]> {
  return tx.query<WebhookReplay>({ name: 'webhook_replays', text: REPLAYS, values: replaysValues(tx.scope.projectId, of) })
}

/** One bounded step of the replays that run; how many rows of logs were read for it, and how many deliveries made. */
export async function workOnReplays(
  sql: PlatformSql,
  step: { rows: number; mostWaiting: number; most: number; now: Date },
): Promise<{ read: number; made: number }> {
  const [row] = await sql.run<{ read: number; made: number }>({
    name: 'work_on_webhook_replays',
    text: 'select read, made from auth.work_on_webhook_replays($1, $2, $3, $4)',
    values: [step.rows, step.mostWaiting, step.most, step.now],
  })
  return row ?? { read: 0, made: 0 }
}
