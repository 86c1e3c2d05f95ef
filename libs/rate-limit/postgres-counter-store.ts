import { MAX_COUNT, type Bucket, type Charge, type ChargeResult, type CounterStore } from './counter-store.js'

/** Runs one named statement and answers its rows: `(statement) => database.run(statement)`. */
export type PostgresQuery = (statement: { name: string; text: string; values: unknown[] }) => Promise<Record<string, unknown>[]>

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
select key, points, expire from charged union all select key, points, expire from held`

const HOLD = `
insert into limits.rate_limit (key, points, expire) values ($1, 1, $2)
on conflict (key) do update set points = 1, expire = excluded.expire`

const RELEASE = `
with dropped as (delete from limits.rate_limit where key = any($1::text[]))
update limits.rate_limit set points = greatest(points - 1, 0) where key = any($2::text[]) and expire > $3`

/** Counters in `limits.rate_limit`. Expired rows are reused in place; a sweeper deletes what nobody touches again. */
export class PostgresCounterStore implements CounterStore {
  readonly #query: PostgresQuery

  constructor(query: PostgresQuery) {
    this.#query = query
  }

  async charge(charges: readonly Charge[], holdKey: string | null, now: number): Promise<ChargeResult> {
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

  async hold(key: string, until: number): Promise<void> {
    await this.#query({ name: 'limit_hold', text: HOLD, values: [key, until] })
  }

  async release(drop: readonly string[], refund: readonly string[], now: number): Promise<void> {
    await this.#query({ name: 'limit_release', text: RELEASE, values: [drop, refund, now] })
  }
}

function found(bucket: Bucket | undefined): Bucket {
  if (!bucket) throw new Error('the counter store did not answer for every bucket')
  return bucket
}
