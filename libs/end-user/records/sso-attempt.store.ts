import type { ProjectTx } from '@portico/database/project-db'
import { addSeconds, DAY_SECONDS, MINUTE_SECONDS } from '@portico/kernel/duration'
import { camelKeys, snakeKeys } from '@portico/kernel/snake-case'
import type { AttemptReport, AttemptState, SsoAttempt } from './sso-attempt.js'

/** How long the address of a test can be opened. */
export const TEST_TICKET_SECONDS = 10 * MINUTE_SECONDS
const KEPT_SECONDS = DAY_SECONDS
// Of each connection. Whoever floods it with forged answers pushes out other real attempts, and never a test.
const KEPT_TESTS = 20
const KEPT_ATTEMPTS = 50

interface Row {
  id: string
  connection_id: string
  test: boolean
  state: AttemptState
  report: Record<string, unknown> | null
  created_at: Date
  finished_at: Date | null
  expires_at: Date
}

const COLUMNS = 'a.id, a.connection_id, a.test, a.state, a.report, a.created_at, a.finished_at, a.expires_at'
const FROM = 'auth.sso_attempt a where a.project_id = auth.current_project_id()'

const toAttempt = (row: Row): SsoAttempt => ({
  id: row.id,
  connectionId: row.connection_id,
  test: row.test,
  state: row.state,
  // What `stored` wrote.
  report: row.report && (camelKeys(row.report) as unknown as AttemptReport),
  createdAt: row.created_at,
  finishedAt: row.finished_at,
  expiresAt: row.expires_at,
})

const stored = (report: AttemptReport): string => JSON.stringify(snakeKeys({ ...report }))

/** A test that waits for a browser. */
export async function insertSsoTest(
  tx: ProjectTx,
  { id, connectionId, ticketDigest, now }: { id: string; connectionId: string; ticketDigest: Buffer; now: Date },
): Promise<SsoAttempt> {
  const rows = await tx.query<Row>({
    name: 'sso_test_insert',
    text: `insert into auth.sso_attempt as a (project_id, id, connection_id, test, ticket_digest, state, created_at, expires_at)
      values (auth.current_project_id(), $1, $2, true, $3, 'waiting', $4, $5) returning ${COLUMNS}`,
    values: [id, connectionId, ticketDigest, now, addSeconds(now, KEPT_SECONDS)],
  })
  await prune(tx, connectionId, true)
  return toAttempt(rows[0]!)
}

/** A browser begins the test: once. */
export async function takeSsoTest(tx: ProjectTx, ticketDigest: Buffer, now: Date): Promise<SsoAttempt | null> {
  const [row] = await tx.query<Row>({
    name: 'sso_test_take',
    text: `update auth.sso_attempt a set ticket_digest = null, state = 'started'
      where a.project_id = auth.current_project_id() and a.ticket_digest = $1 and a.created_at > $2 returning ${COLUMNS}`,
    values: [ticketDigest, addSeconds(now, -TEST_TICKET_SECONDS)],
  })
  return row ? toAttempt(row) : null
}

export async function finishSsoTest(
  tx: ProjectTx,
  { id, state, report, now }: { id: string; state: 'accepted' | 'refused'; report: AttemptReport; now: Date },
): Promise<void> {
  await tx.query({
    name: 'sso_test_finish',
    text: `update auth.sso_attempt set state = $2, report = $3, finished_at = $4
      where project_id = auth.current_project_id() and id = $1 and state = 'started'`,
    values: [id, state, stored(report), now],
  })
}

/** A real sign-in, or one that was refused. */
export async function insertSsoAttempt(
  tx: ProjectTx,
  attempt: { id: string; connectionId: string; state: 'accepted' | 'refused'; report: AttemptReport; now: Date },
): Promise<void> {
  const { id, connectionId, state, report, now } = attempt
  await tx.query({
    name: 'sso_attempt_insert',
    text: `insert into auth.sso_attempt (project_id, id, connection_id, test, state, report, created_at, finished_at, expires_at)
      values (auth.current_project_id(), $1, $2, false, $3, $4, $5, $5, $6)`,
    values: [id, connectionId, state, stored(report), now, addSeconds(now, KEPT_SECONDS)],
  })
  await prune(tx, connectionId, false)
}

/** Two at once must not wait for each other here: what one holds the other leaves for the next. */
async function prune(tx: ProjectTx, connectionId: string, test: boolean): Promise<void> {
  await tx.query({
    name: 'sso_attempt_prune',
    text: `delete from auth.sso_attempt where project_id = auth.current_project_id() and id = any (array(
      select t.id from auth.sso_attempt t where t.project_id = auth.current_project_id() and t.id = any (array(
        select a.id from ${FROM} and a.connection_id = $1 and a.test = $2 order by a.created_at desc, a.id offset $3))
      for update skip locked))`,
    values: [connectionId, test, test ? KEPT_TESTS : KEPT_ATTEMPTS],
  })
}

/** Newest first. */
export async function listSsoAttempts(tx: ProjectTx, connectionId: string, now: Date): Promise<SsoAttempt[]> {
  const rows = await tx.query<Row>({
    name: 'sso_attempt_list',
    text: `select ${COLUMNS} from ${FROM} and a.connection_id = $1 and a.expires_at > $2 order by a.created_at desc, a.id limit 100`,
    values: [connectionId, now],
  })
  return rows.map(toAttempt)
}

export async function findSsoAttempt(
  tx: ProjectTx,
  { connectionId, id, now }: { connectionId: string; id: string; now: Date },
): Promise<SsoAttempt | null> {
  const [row] = await tx.query<Row>({
    name: 'sso_attempt_find',
    text: `select ${COLUMNS} from ${FROM} and a.connection_id = $1 and a.id = $2 and a.expires_at > $3`,
    values: [connectionId, id, now],
  })
  return row ? toAttempt(row) : null
}
