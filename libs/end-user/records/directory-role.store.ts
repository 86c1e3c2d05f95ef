import type { ProjectTx } from '@portico/database/project-db'
import { ADMIN_ROLE } from '@portico/kernel/organization-roles'

export interface RoleChange {
  userId: string
  /** `null`: they do not belong to the organization any more. */
  role: string | null
  /** `null`: they did not belong to it before. */
  before: string | null
  /** It was not done: they are an admin now, and perhaps the last one. */
  held: boolean
}

/**
 * Gives people of a directory the role in its organization that their groups say, and takes those out who are to have none. The directory
 * decides over what was set by hand. `userIds: null`: all of them. Only those of `demote` stop being admin, unless they left the directory;
 * the others are held back. Answers what changed and what was held.
 */
export async function applyDirectoryRoles(
  tx: ProjectTx,
  input: { directoryId: string; userIds: readonly string[] | null; demote: readonly string[]; now: Date },
): Promise<RoleChange[]> {
  const { directoryId, userIds, demote, now } = input
  const rows = await tx.query<{ end_user_id: string; role: string | null; before: string | null; held: boolean }>({
    name: 'directory_roles_apply',
    text: `with wanted as materialized (
        select u.end_user_id, d.organization_id, u.deleted_at is not null as left_directory, case when u.deleted_at is null then coalesce((
            select r.said ->> 'role' from jsonb_array_elements(d.group_roles) with ordinality r (said, place)
              join auth.directory_group g on g.project_id = auth.current_project_id() and g.directory_id = d.id
                and lower(g.display_name) = lower(r.said ->> 'group')
              join auth.directory_group_member m on m.project_id = auth.current_project_id() and m.group_id = g.id
                and m.end_user_id = u.end_user_id
            order by r.place limit 1), d.fallback_role) end as role,
          (select b.role from auth.organization_membership b where b.project_id = auth.current_project_id()
            and b.organization_id = d.organization_id and b.end_user_id = u.end_user_id) as before
        from auth.directory d join auth.directory_user u on u.project_id = auth.current_project_id() and u.directory_id = d.id
        where d.project_id = auth.current_project_id() and d.id = $1 and d.organization_id is not null
          and ($2::uuid[] is null or u.end_user_id = any ($2))),
      differing as materialized (select w.*, not w.left_directory and w.before is not distinct from '${ADMIN_ROLE}'
          and not w.end_user_id = any ($4::uuid[]) as held
        from wanted w where w.role is distinct from w.before),
      changed as materialized (select * from differing where not held),
      gone as (
        delete from auth.organization_membership m using changed c where m.project_id = auth.current_project_id()
          and m.organization_id = c.organization_id and m.end_user_id = c.end_user_id and c.role is null),
      given as (
        insert into auth.organization_membership (project_id, organization_id, end_user_id, role, created_at, updated_at)
          select auth.current_project_id(), c.organization_id, c.end_user_id, c.role, $3, $3 from changed c where c.role is not null
          on conflict (project_id, organization_id, end_user_id) do update set role = excluded.role, updated_at = excluded.updated_at),
      noted as (
        insert into auth.audit_event (project_id, action, actor_type, actor_id, resource, resource_id, metadata, created_at)
          select auth.current_project_id(), case when c.before is null then 'organization.member_added'
              when c.role is null then 'organization.member_removed' else 'organization.member_changed' end,
            'system', null, 'organization', c.organization_id::text,
            jsonb_strip_nulls(jsonb_build_object('end_user_id', c.end_user_id, 'role', coalesce(c.role, c.before),
              'before', case when c.role is not null then c.before end, 'directory_id', $1::uuid)), $3
          from changed c on conflict do nothing)
      select end_user_id, role, before, held from differing`,
    values: [directoryId, userIds, now, demote],
  })
  for (const row of rows) if (row.before !== null && !row.held) tx.userChanged(row.end_user_id, now)
  return rows.map((row) => ({ userId: row.end_user_id, role: row.role, before: row.before, held: row.held }))
}

/** Which of these roles some directory of the organization still gives. */
export async function rolesOfDirectories(tx: ProjectTx, organizationId: string | null): Promise<string[]> {
  const rows = await tx.query<{ role: string }>({
    name: 'directory_roles_given',
    text: `select distinct r.role from auth.directory d
        cross join lateral (select d.fallback_role as role union all select g.role from jsonb_to_recordset(d.group_roles) g (role text)) r
      where d.project_id = auth.current_project_id() and r.role is not null and ($1::uuid is null or d.organization_id = $1)`,
    values: [organizationId],
  })
  return rows.map((row) => row.role)
}
