import pg from 'pg'

/** One connection for a test; close it in `afterAll`. */
export async function connect(url: string): Promise<{ query<R>(text: string, values?: unknown[]): Promise<R[]>; close(): Promise<void> }> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  return {
    query: async <R>(text: string, values?: unknown[]) => (await client.query(text, values)).rows as R[],
    close: () => client.end(),
  }
}

export type Connection = Awaited<ReturnType<typeof connect>>

/** The SQLSTATE a statement is refused with, or `null` when it runs. */
export async function refusal(statement: Promise<unknown>): Promise<string | null> {
  try {
    await statement
    return null
  } catch (error) {
    return (error as { code?: string }).code ?? (error as Error).message
  }
}

/** A tenant with `count` projects, made as the owner would. */
export async function seedProjects(owner: Connection, count: number): Promise<{ tenantId: string; projectIds: string[] }> {
  const [tenant] = await owner.query<{ id: string }>(
    `insert into platform.tenant (id, name, slug, created_at, updated_at) values (gen_random_uuid(), 't', gen_random_uuid()::text, now(), now()) returning id`,
  )
  const projectIds: string[] = []
  for (let index = 0; index < count; index++) {
    const [project] = await owner.query<{ id: string }>(
      `insert into platform.project (id, tenant_id, name, slug, created_at, updated_at)
       values (gen_random_uuid(), $1, 'Project', gen_random_uuid()::text, now(), now()) returning id`,
      [tenant!.id],
    )
    projectIds.push(project!.id)
  }
  return { tenantId: tenant!.id, projectIds }
}

/** What a change of the product leaves for other processes; for tests that write rows. Without a user: of the project's record. */
export async function noteChange(
  client: { query(text: string, values: unknown[]): Promise<unknown> },
  projectId: string,
  userId: string | null = null,
): Promise<void> {
  await client.query('insert into auth.change (project_id, end_user_id, changed_at) values ($1, $2, now())', [projectId, userId])
}
