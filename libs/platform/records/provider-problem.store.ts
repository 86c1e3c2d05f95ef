import type { ProjectTx } from '@portico/database/project-db'

/** A sign-in that the provider, or its configuration, made fail. */
export interface ProviderProblem {
  /** What the app was told. */
  reason: string
  kind: 'unavailable' | 'wrong_client' | 'untrusted' | 'misconfigured'
  /** For the operator; holds no secret. */
  detail: string | null
  at: Date
}

interface Row {
  provider: string
  reason: string
  kind: ProviderProblem['kind']
  detail: string | null
  at: Date
}

/** The last one of each provider. The condition is that of the index `audit_event_of_provider`, word for word. */
export async function lastProviderProblems(tx: ProjectTx, providers: readonly string[]): Promise<ReadonlyMap<string, ProviderProblem>> {
  const rows = await tx.query<Row>({
    name: 'provider_problem_last',
    text: `select asked.provider, e.metadata->>'reason' as reason, e.metadata->>'problem' as kind, e.metadata->>'detail' as detail, e.created_at as at
      from unnest($1::text[]) as asked (provider) cross join lateral (
        select metadata, created_at from auth.audit_event
        where project_id = auth.current_project_id() and resource_id = asked.provider
          and action = 'sign_in.refused' and resource = 'provider' and metadata->>'problem' <> 'refused'
        order by created_at desc limit 1) e`,
    values: [providers],
  })
  return new Map(rows.map(({ provider, ...problem }) => [provider, problem]))
}
