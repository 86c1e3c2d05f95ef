import type { ProjectTx } from '@portico/database/project-db'
import type { HookName } from '@portico/kernel/hooks'

/** A hook as it is configured. */
export interface Hook {
  hook: HookName
  id: string
  url: string
  onFailure: 'deny' | 'allow'
  enabled: boolean
  failingSince: Date | null
  createdAt: Date
  updatedAt: Date
}

const COLUMNS = `hook, id, url, on_failure as "onFailure", enabled, failing_since as "failingSince", created_at as "createdAt",
  updated_at as "updatedAt"`

export function listHooks(tx: ProjectTx): Promise<Hook[]> {
  const text = `select ${COLUMNS} from auth.hook where project_id = auth.current_project_id() order by hook`
  return tx.query<Hook>({ name: 'hooks', text, values: [] })
}

export async function lockHook(tx: ProjectTx, name: HookName): Promise<(Hook & { secretSealed: Buffer }) | null> {
  const [row] = await tx.query<Hook & { secretSealed: Buffer }>({
    name: 'hook_lock',
    text: `select ${COLUMNS}, secret_sealed as "secretSealed" from auth.hook
      where project_id = auth.current_project_id() and hook = $1 for update`,
    values: [name],
  })
  return row ?? null
}

/** What is set anew has a clean slate. */
export async function saveHook(
  tx: ProjectTx,
  hook: Pick<Hook, 'hook' | 'id' | 'url' | 'onFailure' | 'enabled'> & { secretSealed: Buffer },
  now: Date,
): Promise<Hook> {
  const [row] = await tx.query<Hook>({
    name: 'hook_save',
    text: `insert into auth.hook (project_id, hook, id, url, on_failure, enabled, secret_sealed, created_at, updated_at)
      values (auth.current_project_id(), $1, $2, $3, $4, $5, $6, $7, $7)
      on conflict (project_id, hook) do update set url = excluded.url, on_failure = excluded.on_failure, enabled = excluded.enabled,
        secret_sealed = excluded.secret_sealed, failing_since = null, updated_at = excluded.updated_at
      returning ${COLUMNS}`,
    values: [hook.hook, hook.id, hook.url, hook.onFailure, hook.enabled, hook.secretSealed, now],
  })
  return row!
}

export async function deleteHook(tx: ProjectTx, name: HookName): Promise<boolean> {
  const text = 'delete from auth.hook where project_id = auth.current_project_id() and hook = $1 returning id'
  return (await tx.query({ name: 'hook_delete', text, values: [name] })).length > 0
}
