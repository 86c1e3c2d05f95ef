import { readFile } from 'node:fs/promises'
import { randomBytes, randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type SqlClient, withClaims } from '../../libs/sdk-app/postgres.js'
import { withAdmin } from '../support/admin-client.js'

const ADA = { sub: randomUUID(), email: 'ada@example.com', note: `it's "quoted"` }
const BOB = { sub: randomUUID(), email: 'bob@example.com' }

/** An app's own database: nothing of the product in it, a table under row security, and the role that the app connects as. */
describe('withClaims and rls.sql', () => {
  const name = `portico_test_app_${randomBytes(4).toString('hex')}`
  let url: string
  let pool: pg.Pool
  beforeAll(async () => {
    const { adminUrl } = inject('servers')
    await withAdmin(adminUrl, (client) => client.query(`create database ${name}`))
    const address = new URL(adminUrl)
    address.pathname = `/${name}`
    const rls = await readFile(new URL('../../libs/sdk-app/rls.sql', import.meta.url), 'utf8')
    await withAdmin(address.href, async (client) => {
      await client.query(rls)
      await client.query(rls)
      await client.query(`create role ${name} login password 'app'`)
      await client.query(`
        create table todo (id int generated always as identity primary key, owner uuid not null default auth.uid(), title text not null);
        alter table todo enable row level security;
        create policy own on todo using (owner = (select auth.uid())) with check (owner = (select auth.uid()));
        grant select, insert, update, delete on todo to ${name};`)
    })
    address.username = name
    address.password = 'app'
    url = address.href
    pool = new pg.Pool({ connectionString: url, max: 3 })
  })
  afterAll(async () => {
    await pool.end()
    await withAdmin(inject('servers').adminUrl, async (client) => {
      await client.query(`drop database ${name} with (force)`)
      await client.query(`drop role ${name}`)
    })
  })

  const add = (claims: { sub: string }, title: string) =>
    withClaims(pool, claims, (client) => client.query('insert into todo (title) values ($1)', [title]))
  const titles = (claims: { sub: string }) =>
    withClaims(pool, claims, async (client) =>
      (await client.query<{ title: string }>('select title from todo order by id')).rows.map((row) => row.title),
    )

  test('everyone sees and writes their own rows only', async () => {
    await add(ADA, 'ada 1')
    await add(BOB, 'bob 1')
    expect(await titles(ADA)).toEqual(['ada 1'])
    expect(await titles(BOB)).toEqual(['bob 1'])
    const steal = withClaims(pool, BOB, (client) => client.query('insert into todo (owner, title) values ($1, $2)', [ADA.sub, 'stolen']))
    await expect(steal).rejects.toThrow(/row-level security/)
    const { rowCount } = await withClaims(pool, BOB, (client) => client.query('delete from todo where owner = $1', [ADA.sub]))
    expect(rowCount).toBe(0)
  })

  test('auth.jwt() answers every claim', async () => {
    const rows = await withClaims(
      pool,
      ADA,
      async (client) => (await client.query(`select auth.uid() as uid, auth.jwt() as claims`)).rows as unknown[],
    )
    expect(rows).toEqual([{ uid: ADA.sub, claims: ADA }])
  })

  test.each([0, 1])('people of a company see its rows and no others, by policy %i of docs/organizations.md', async (which) => {
    const page = await readFile(new URL('../../docs/organizations.md', import.meta.url), 'utf8')
    const policies = [...page.matchAll(/```sql\n(create policy [\s\S]*?;)\n```/g)].map(([, text]) => text ?? '')
    expect(policies).toHaveLength(2)
    const owner = new URL(url)
    owner.username = new URL(inject('servers').adminUrl).username
    owner.password = new URL(inject('servers').adminUrl).password
    const [acme, other] = [randomUUID(), randomUUID()]
    await withAdmin(owner.href, async (client) => {
      await client.query('drop table if exists invoice')
      await client.query('create table invoice (organization uuid not null, number int not null)')
      await client.query('alter table invoice enable row level security')
      await client.query(policies[which] ?? '')
      await client.query(`grant select, insert on invoice to ${name}`)
      await client.query('insert into invoice values ($1, 1), ($2, 2)', [acme, other])
    })
    const seen = (claims: { sub: string; org_id?: string }) =>
      withClaims(pool, claims, async (client) => {
        const { rows } = await client.query<{ number: number }>('select number from invoice')
        return rows.map((row) => row.number)
      })
    expect([await seen({ ...ADA, org_id: acme }), await seen({ ...BOB, org_id: other })]).toEqual([[1], [2]])
    // Who works for none just now sees none.
    expect(await seen(ADA)).toEqual([])
    const foreign = withClaims(pool, { ...ADA, org_id: acme }, (client) => client.query('insert into invoice values ($1, 3)', [other]))
    await expect(foreign).rejects.toThrow(/row-level security/)
  })

  test('without claims there is no user, and no row is seen', async () => {
    const { rows } = await pool.query(`select auth.uid() as uid, auth.jwt() as claims, (select count(*)::int from todo) as seen`)
    expect(rows).toEqual([{ uid: null, claims: null, seen: 0 }])
  })

  test('a failure rolls back and is passed on; nothing of the claims stays on the connection', async () => {
    const one = new pg.Pool({ connectionString: url, max: 1 })
    const failure = new Error('work')
    await expect(
      withClaims(one, ADA, async (client) => {
        await client.query(`insert into todo (title) values ('not kept')`)
        throw failure
      }),
    ).rejects.toBe(failure)
    await expect(withClaims(one, ADA, (client) => client.query('select 1/0'))).rejects.toThrow(/division by zero/)
    const { rows } = await one.query(`select auth.uid() as uid, current_setting('request.jwt.claims', true) as claims`)
    expect(rows).toEqual([{ uid: null, claims: '' }])
    expect(await titles(ADA)).not.toContain('not kept')
    expect(one.totalCount).toBe(1)
    await one.end()
  })

  test('a connection that broke half way is not used again', async () => {
    const one = new pg.Pool({ connectionString: url, max: 1 })
    one.on('error', () => {})
    const broken = withClaims(one, ADA, async (client) => {
      client.on('error', () => {})
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
      await withAdmin(inject('servers').adminUrl, (admin) => admin.query('select pg_terminate_backend($1)', [rows[0]!.pid]))
      await client.query('select pg_sleep(5)')
    })
    await expect(broken).rejects.toThrow()
    expect((await one.query('select 1 as alive')).rows).toEqual([{ alive: 1 }])
    await one.end()
  })

  test('a connection that the server ends between two statements does not end the app', async () => {
    const one = new pg.Pool({ connectionString: url, max: 1 })
    one.on('error', () => {})
    const lost = withClaims(one, ADA, async (client) => {
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
      const ended = new Promise((resolve) => client.once('end', resolve))
      await withAdmin(inject('servers').adminUrl, (admin) => admin.query('select pg_terminate_backend($1)', [rows[0]!.pid]))
      await ended
      await client.query('select 1')
    })
    await expect(lost).rejects.toThrow()
    expect((await one.query('select 1 as alive')).rows).toEqual([{ alive: 1 }])
    await one.end()
  })

  test('a role can be worked as, since row security does not hold superusers back', async () => {
    const owner = new URL(inject('servers').adminUrl)
    owner.pathname = `/${name}`
    await withAdmin(owner.href, async (client) => {
      const count = async (options?: { role: string }) =>
        withClaims(
          client,
          BOB,
          async (inside) => (await inside.query<{ n: number }>('select count(*)::int as n from todo')).rows[0]!.n,
          options,
        )
      expect(await count()).toBe(2)
      expect(await count({ role: name })).toBe(1)
      expect((await client.query('select current_user as me')).rows).not.toEqual([{ me: name }])
    })
  })

  test('claims without a sub are refused before anything is sent', async () => {
    await expect(withClaims(pool, { sub: '' }, async () => 'ran')).rejects.toThrow(TypeError)
  })

  test('many users at once on few server connections, as behind a pooler in transaction mode', async () => {
    const pooler = await transactionPooler(url, 3)
    const people = Array.from({ length: 12 }, () => ({ sub: randomUUID() }))
    await Promise.all(
      people.flatMap((person) =>
        Array.from({ length: 10 }, async (_, round) => {
          const client = pooler.client()
          const seen = await withClaims(client, person, async (inside) => {
            await inside.query('insert into todo (title) values ($1)', [`round ${round}`])
            return (await inside.query('select distinct owner from todo')) as { rows: { owner: string }[] }
          })
          expect(seen.rows).toEqual([{ owner: person.sub }])
          // Statements outside a transaction land on connections that others have just used.
          const anonymous = (await client.query('select auth.uid() as uid')) as { rows: unknown[] }
          expect(anonymous.rows).toEqual([{ uid: null }])
        }),
      ),
    )
    await pooler.close()
  })
})

/**
 * The rules of PgBouncer's transaction mode: a client has a server connection from `begin` to its end, else for one statement, and no reset
 * between.
 */
async function transactionPooler(connectionString: string, size: number) {
  const servers = await Promise.all(
    Array.from({ length: size }, async () => {
      const server = new pg.Client({ connectionString })
      await server.connect()
      return server
    }),
  )
  const idle = [...servers]
  const waiting: ((server: pg.Client) => void)[] = []
  const take = () => new Promise<pg.Client>((resolve) => (idle.length > 0 ? resolve(idle.shift()!) : waiting.push(resolve)))
  const give = (server: pg.Client) => {
    const next = waiting.shift()
    if (next) next(server)
    else idle.push(server)
  }
  return {
    client(): SqlClient {
      let held: pg.Client | null = null
      return {
        query: async (text, values) => {
          const server = held ?? (await take())
          if (text === 'begin') held = server
          try {
            return await server.query(text, values)
          } finally {
            if (text === 'commit' || text === 'rollback') held = null
            if (!held) give(server)
          }
        },
      }
    },
    close: async () => void (await Promise.all(servers.map((server) => server.end()))),
  }
}
