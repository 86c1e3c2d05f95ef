import { MAX_COUNT, type BatchCounterStore, type Bucket, type ChargeCall, type ChargeResult } from './counter-store.js'

/** Runs one named statement and answers its rows: `(statement) => database.run(statement)`. */
export type PostgresQuery = (statement: { name: string; text: string; values: unknown[] }) => Promise<Record<string, unknown>[]>

// Counters need not survive a crash, so their commits do not wait for the disk. Said in the statement itself, for its transaction alone: a
// pooler hands the session on.
const FAST = `(select set_config('synchronous_commit', 'off', true)) as fast`

// Rows are charged in key order, so that two calls over the same buckets never lock them in opposite orders.
const CHARGE = `
with held as (
  select r.key, 0 as points, r.expire from limits.rate_limit r where r.key = $4 and r.expire > $5
), charged as (
  insert into limits.rate_limit as r (key, points, expire)
  select c.key, c.cost, $5::bigint + c.window_ms
    from unnest($1::text[], $2::int[], $3::bigint[]) as c(key, cost, window_ms)
   where not exists (select 1 from held)
   order by c.key
  on conflict (key) do update set
    points = case when r.expire <= $5 then excluded.points else least(r.points + excluded.points, ${MAX_COUNT}) end,
    expire = case when r.expire <= $5 then excluded.expire else r.expire end
  returning r.key, r.points, r.expire
)
select key, points, expire from charged, ${FAST} union all select key, points, expire from held`

const MARK = `
insert into limits.rate_limit as r (key, points, expire) select $1::text, $2::int, $3::bigint from ${FAST}
on conflict (key) do update set points = case when r.expire <= $4 then excluded.points else r.points | excluded.points end,
  expire = case when r.expire <= $4 then excluded.expire else r.expire end
returning r.points`

const HOLD = `
insert into limits.rate_limit (key, points, expire) select $1::text, 1, $2::bigint from ${FAST}
on conflict (key) do update set points = 1, expire = excluded.expire`

// Locked in key order first, for the same reason.
const RELEASE = `
with locked as (
  select key from limits.rate_limit where key = any($1::text[]) or key = any($2::text[]) order by key for update
), dropped as (
  delete from limits.rate_limit where key = any(array(select key from locked)) and key = any($1::text[])
)
update limits.rate_limit r set points = greatest(r.points - c.points, 0)
  from unnest($2::text[], $3::int[]) as c(key, points), ${FAST}
 where r.key = c.key and r.key = any(array(select key from locked)) and r.expire > $4`

// Many callers at once. The sums stop at twice the most that counts, so that what was there before can be told from the answer.
const CHARGE_ALL = `
with held as (
  select r.key, r.expire from limits.rate_limit r where r.key = any($4::text[]) and r.expire > $5
), due as (
  select c.key, least(sum(c.cost), ${MAX_COUNT})::int as cost, (array_agg(c.window_ms order by c.n))[1] as window_ms
    from unnest($1::text[], $2::int[], $3::bigint[], $4::text[]) with ordinality as c(key, cost, window_ms, hold, n)
   where not exists (select 1 from held h where h.key = c.hold)
   group by c.key
), charged as (
  insert into limits.rate_limit as r (key, points, expire)
  select d.key, d.cost, $5::bigint + d.window_ms from due d order by d.key
  on conflict (key) do update set
    points = case when r.expire <= $5 then excluded.points else least(r.points + excluded.points, ${2 * MAX_COUNT}) end,
    expire = case when r.expire <= $5 then excluded.expire else r.expire end
  returning r.key, r.points, r.expire
)
select key, points, expire, false as held from charged, ${FAST} union all select key, 0, expire, true from held`

/** Counters in `limits.rate_limit`. Expired rows are reused in place; a sweeper deletes what is not used again. */
export class PostgresCounterStore implements BatchCounterStore {
  readonly #query: PostgresQuery

  constructor(query: PostgresQuery) {
    this.#query = query
  }

  async chargeAll(calls: readonly ChargeCall[], now: number): Promise<ChargeResult[]> {
    const [only] = calls
    return only && calls.length === 1 ? [await this.#charge(only, now)] : this.#chargeMany(calls, now)
  }

  async mark(key: string, place: number, windowMs: number, now: number): Promise<number> {
    const [row] = await this.#query({ name: 'limit_mark', text: MARK, values: [key, 2 ** place, now + windowMs, now] })
    return Number(row?.['points'] ?? 0)
  }

  async hold(key: string, until: number): Promise<void> {
    await this.#query({ name: 'limit_hold', text: HOLD, values: [key, until] })
  }

  async releaseAll(drop: ReadonlySet<string>, refund: ReadonlyMap<string, number>, now: number): Promise<void> {
    await this.#query({ name: 'limit_release', text: RELEASE, values: [[...drop], [...refund.keys()], [...refund.values()], now] })
  }

  /** The usual case when little is going on, with a statement that costs the database less. */
  async #charge({ charges, holdKey }: ChargeCall, now: number): Promise<ChargeResult> {
    const rows = await this.#query({
      name: 'limit_charge',
      text: CHARGE,
      values: [charges.map((c) => c.key), charges.map((c) => c.cost), charges.map((c) => c.windowMs), holdKey, now],
    })
    const byKey = new Map<unknown, Bucket>()
    for (const row of rows) {
      if (row['key'] === holdKey) return { heldUntil: Number(row['expire']) }
      byKey.set(row['key'], { count: Number(row['points']), expiresAt: Number(row['expire']) })
    }
    return { buckets: charges.map((charge) => found(byKey.get(charge.key))) }
  }

  async #chargeMany(calls: readonly ChargeCall[], now: number): Promise<ChargeResult[]> {
    const sums = new Map<string, { key: string; cost: number; windowMs: number; holdKey: string | null }>()
    for (const { charges, holdKey } of calls) {
      for (const { key, cost, windowMs } of charges) {
        const id = `${key} ${holdKey ?? ''}`
        const sum = sums.get(id)
        if (sum) sum.cost += cost
        else sums.set(id, { key, cost, windowMs, holdKey })
      }
    }
    const columns = [...sums.values()]
    const rows = await this.#query({
      name: 'limit_charge_all',
      text: CHARGE_ALL,
      values: [columns.map((c) => c.key), columns.map((c) => c.cost), columns.map((c) => c.windowMs), columns.map((c) => c.holdKey), now],
    })
    const held = new Map<unknown, number>()
    const buckets = new Map<unknown, Bucket>()
    for (const row of rows) {
      if (row['held'] === true) held.set(row['key'], Number(row['expire']))
      else buckets.set(row['key'], { count: Number(row['points']), expiresAt: Number(row['expire']) })
    }
    // Back to what was there before the batch, then forward again one caller at a time.
    for (const { key, cost, holdKey } of columns) {
      const bucket = buckets.get(key)
      if (bucket && bucket.count < 2 * MAX_COUNT && !(holdKey !== null && held.has(holdKey))) bucket.count -= cost
    }
    return calls.map(({ charges, holdKey }) => {
      const heldUntil = holdKey === null ? undefined : held.get(holdKey)
      if (heldUntil !== undefined) return { heldUntil }
      return {
        buckets: charges.map(({ key, cost }) => {
          const bucket = found(buckets.get(key))
          bucket.count += cost
          return { count: Math.min(bucket.count, MAX_COUNT), expiresAt: bucket.expiresAt }
        }),
      }
    })
  }
}

function found(bucket: Bucket | undefined): Bucket {
  if (!bucket) throw new Error('the counter store did not answer for every bucket')
  return bucket
}
