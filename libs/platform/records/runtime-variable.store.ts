import type { ProjectTx } from '@portico/database/project-db'

export interface VariableRow {
  name: string
  sealed: Buffer
  updatedAt: Date
}

export async function listVariables(tx: ProjectTx): Promise<VariableRow[]> {
  const rows = await tx.query<{ name: string; sealed: Buffer; updated_at: Date }>({
    name: 'runtime_variables',
    text: 'select name, sealed, updated_at from auth.runtime_variable where project_id = auth.current_project_id() order by name',
    values: [],
  })
  return rows.map((row) => ({ name: row.name, sealed: row.sealed, updatedAt: row.updated_at }))
}

export async function listVariableNames(tx: ProjectTx): Promise<string[]> {
  const text = 'select name from auth.runtime_variable where project_id = auth.current_project_id()'
  return (await tx.query<{ name: string }>({ name: 'runtime_variable_names', text, values: [] })).map((row) => row.name)
}

export async function putVariable(tx: ProjectTx, name: string, sealed: Buffer, now: Date): Promise<void> {
  await tx.query({
    name: 'runtime_variable_put',
    text: `insert into auth.runtime_variable (project_id, name, sealed, updated_at) values (auth.current_project_id(), $1, $2, $3)
      on conflict (project_id, name) do update set sealed = excluded.sealed, updated_at = excluded.updated_at`,
    values: [name, sealed, now],
  })
}

export async function deleteVariable(tx: ProjectTx, name: string): Promise<void> {
  const text = 'delete from auth.runtime_variable where project_id = auth.current_project_id() and name = $1'
  await tx.query({ name: 'runtime_variable_delete', text, values: [name] })
}
