import { Database } from '@portico/database/database'
import { ProjectDb } from '@portico/database/project-db'
import { ProjectDirectory } from '@portico/database/project-directory'
import { ProjectScope, takeMintingKey } from '@portico/database/project-scope'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/postgres.js'
import { connect, seedProjects, type Connection } from '../support/sql.js'

describe('a project scope', () => {
  let testDatabase: TestDatabase
  let owner: Connection
  let database: Database
  let directory: ProjectDirectory
  let projectDb: ProjectDb
  let projectIds: string[]
  beforeAll(async () => {
    testDatabase = await createTestDatabase()
    owner = await connect(testDatabase.url)
    ;({ projectIds } = await seedProjects(owner, 2))
    database = new Database({ connectionString: testDatabase.roleUrl('portico_data'), poolSize: 2, applicationName: 'test' })
    directory = new ProjectDirectory(database)
    projectDb = new ProjectDb(database)
  })
  afterAll(async () => {
    await database.close()
    await owner.close()
    await testDatabase.drop()
  })

  test('cannot be written as a literal: the type is nominal', () => {
    // @ts-expect-error a private field is missing
    const forged: ProjectScope = { projectId: projectIds[0]!, tenantId: projectIds[0]! }
    expect(ProjectScope.isGenuine(forged)).toBe(false)
  })

  test('cannot be constructed: the constructor is private and the minting key is taken', () => {
    expect(() => takeMintingKey()).toThrow(TypeError)
    expect(() => ProjectScope.mint(Symbol('ProjectDirectory'), projectIds[0]!, projectIds[0]!)).toThrow(TypeError)
  })

  test.each(['read', 'call', 'transaction'] as const)(
    'forged with a cast is refused by ProjectDb.%s before a statement is sent',
    async (way) => {
      const forged = Object.create(ProjectScope.prototype, {
        projectId: { value: projectIds[0] },
        tenantId: { value: projectIds[0] },
      }) as ProjectScope
      const statement = { name: 'forged', text: 'select 1', values: [] }
      const attempt = async () => (way === 'transaction' ? projectDb.transaction(forged, async () => 1) : projectDb[way](forged, statement))
      await expect(attempt()).rejects.toThrow(TypeError)
    },
  )

  test('sees its own project only, and leaves no trace on the connection', async () => {
    for (const [index, projectId] of projectIds.entries()) {
      await owner.query(
        `insert into auth.end_user (project_id, id, email, email_typed, created_at, updated_at) values ($1, gen_random_uuid(), $2, $2, now(), now())`,
        [projectId, `user${index}@example.com`],
      )
    }
    const scopes = await Promise.all(projectIds.map(async (id) => (await directory.resolve(id))!.scope))
    const statement = { name: 'emails', text: 'select email from auth.end_user', values: [] }
    // More at once than there are connections, and never so many that one waits 2 s for its turn, which is refused.
    for (let round = 0; round < 10; round++) {
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) => projectDb.read<{ email: string }>(scopes[index % 2]!, statement)),
      )
      answers.forEach((rows, index) => expect(rows).toEqual([{ email: `user${index % 2}@example.com` }]))
    }
    await expect(database.run(statement)).rejects.toMatchObject({ code: '22P02' })
  })

  test('is answered for an unknown project by nothing at all', async () => {
    expect(await directory.resolve('00000000-0000-4000-8000-000000000000')).toBeNull()
  })

  test('a failed transaction undoes everything and frees its connection', async () => {
    const { scope } = (await directory.resolve(projectIds[0]!))!
    for (let round = 0; round < 5; round++) {
      await expect(
        projectDb.transaction(scope, async (tx) => {
          await tx.query({ name: 'rename', text: `update auth.end_user set email = 'changed@example.com'`, values: [] })
          throw new Error('no')
        }),
      ).rejects.toThrow('no')
    }
    expect(await projectDb.read(scope, { name: 'emails', text: 'select email from auth.end_user', values: [] })).toEqual([
      { email: 'user0@example.com' },
    ])
  })
})

describe('the project directory', () => {
  let testDatabase: TestDatabase
  let owner: Connection
  let database: Database
  beforeAll(async () => {
    testDatabase = await createTestDatabase()
    owner = await connect(testDatabase.url)
    database = new Database({ connectionString: testDatabase.roleUrl('portico_data'), poolSize: 2, applicationName: 'test' })
  })
  afterAll(async () => {
    await database.close()
    await owner.close()
    await testDatabase.drop()
  })

  test('reads a project again once it is older than the bound, even if no announcement came', async () => {
    let monotonic = 0
    const directory = new ProjectDirectory(database, { maxAgeMs: 30_000, monotonicMs: () => monotonic })
    const { projectIds } = await seedProjects(owner, 1)
    expect((await directory.resolve(projectIds[0]!))!.enabled).toBe(false)
    await owner.query('update auth.service set enabled = true where project_id = $1', [projectIds[0]])
    monotonic = 29_999
    expect((await directory.resolve(projectIds[0]!))!.enabled).toBe(false)
    monotonic = 30_001
    expect((await directory.resolve(projectIds[0]!))!.enabled).toBe(true)
  })

  test('while announcements are heard a project stays known; from the last one on the bound counts, and for ever it is not believed', async () => {
    let [monotonic, heardAt] = [0, 0]
    const directory = new ProjectDirectory(database, { maxAgeMs: 30_000, monotonicMs: () => monotonic, heardAt: () => heardAt })
    const { projectIds } = await seedProjects(owner, 1)
    const isEnabled = async () => (await directory.resolve(projectIds[0]!))!.enabled
    expect(await isEnabled()).toBe(false)
    // As when the announcement was lost.
    await owner.query('update auth.service set enabled = true where project_id = $1', [projectIds[0]])
    ;[monotonic, heardAt] = [400_000, 398_000]
    expect([await isEnabled(), directory.known(projectIds[0]!)?.enabled]).toEqual([false, false])
    monotonic = 427_999
    expect(await isEnabled()).toBe(false)
    monotonic = 428_001
    expect([directory.known(projectIds[0]!), await isEnabled()]).toEqual([null, true])
    await owner.query('update auth.service set enabled = false where project_id = $1', [projectIds[0]])
    ;[monotonic, heardAt] = [1_028_002, 1_028_002]
    expect(await isEnabled()).toBe(false)
  })

  test('a fresh read begins after it was asked for, and a crowd shares one', async () => {
    const { projectIds } = await seedProjects(owner, 1)
    const id = projectIds[0]!
    const started: Array<() => void> = []
    const slow = {
      run: (statement: Parameters<Database['run']>[0]) => new Promise((done) => started.push(() => done(database.run(statement)))),
      shared: <T>(work: () => Promise<T>) => work(),
      waiting: <T>(work: () => Promise<T>) => work(),
    }
    const directory = new ProjectDirectory(slow as unknown as Database)
    const before = directory.resolve(id)
    const crowd = Array.from({ length: 20 }, () => directory.resolveFresh(id))
    // Reads so far: the one before, which a fresh one must not share, and one for the first of the crowd. The rest waits for the next.
    expect(started).toHaveLength(2)
    started[1]!()
    expect((await crowd[0]!)!.enabled).toBe(false)
    await owner.query('update auth.service set enabled = true where project_id = $1', [id])
    await expect.poll(() => started.length).toBe(3)
    started[2]!()
    expect((await Promise.all(crowd.slice(1))).every((record) => record!.enabled)).toBe(true)
    started[0]!()
    await before
    expect([started.length, directory.known(id)!.enabled]).toEqual([3, true])
    const later = directory.resolveFresh(id)
    expect(started).toHaveLength(4)
    started[3]!()
    expect((await later)!.enabled).toBe(true)
  })

  test('keeps no more records than its bound', async () => {
    const directory = new ProjectDirectory(database, { maxRecords: 3 })
    const { projectIds } = await seedProjects(owner, 5)
    for (const id of projectIds) await directory.resolve(id)
    expect(directory.size).toBe(3)
  })

  test('made-up ids do not push real projects out', async () => {
    const directory = new ProjectDirectory(database, { maxRecords: 3 })
    const { projectIds } = await seedProjects(owner, 3)
    const records = await Promise.all(projectIds.map((id) => directory.resolve(id)))
    for (let index = 0; index < 20; index++) await directory.resolve(randomUUID())
    expect(await Promise.all(projectIds.map((id) => directory.resolve(id)))).toEqual(records)
    for (const [index, id] of projectIds.entries()) expect(await directory.resolve(id)).toBe(records[index])
  })

  test('an id that named nothing is looked up again once its creation was announced', async () => {
    const directory = new ProjectDirectory(database)
    const { projectIds } = await seedProjects(owner, 1)
    const absent = randomUUID()
    expect(await directory.resolve(absent)).toBeNull()
    await owner.query(
      `insert into platform.project (id, tenant_id, name, slug, created_at, updated_at)
       select $1, tenant_id, 'Late', gen_random_uuid()::text, now(), now() from platform.project where id = $2`,
      [absent, projectIds[0]],
    )
    directory.invalidate(absent)
    expect((await directory.resolve(absent))!.name).toBe('Late')
  })

  test('an announcement that comes while a record is being read makes the next reader read again', async () => {
    const directory = new ProjectDirectory(database)
    const { projectIds } = await seedProjects(owner, 1)
    const early = directory.resolve(projectIds[0]!)
    directory.invalidate(projectIds[0]!)
    const late = directory.resolve(projectIds[0]!)
    expect(await early).not.toBe(await late)
    expect(await directory.resolve(projectIds[0]!)).toBe(await late)
  })
})
