import type { ProjectTx } from '@portico/database/project-db'

export interface GroupMember {
  groupId: string
  userId: string
  display: string
}

/** Those of the ids that are people of the directory. */
export async function findDirectoryUserIds(tx: ProjectTx, directoryId: string, ids: readonly string[]): Promise<string[]> {
  const rows = await tx.query<{ end_user_id: string }>({
    name: 'directory_user_ids',
    text: `select end_user_id from auth.directory_user
      where project_id = auth.current_project_id() and directory_id = $1 and end_user_id = any ($2::uuid[]) and deleted_at is null`,
    values: [directoryId, ids],
  })
  return rows.map((row) => row.end_user_id)
}

/** Answers who was not in it before. */
export async function addGroupMembers(tx: ProjectTx, groupId: string, ids: readonly string[]): Promise<string[]> {
  const rows = await tx.query<{ end_user_id: string }>({
    name: 'directory_member_add',
    text: `insert into auth.directory_group_member (project_id, group_id, end_user_id)
      select auth.current_project_id(), $1, u from unnest($2::uuid[]) u on conflict do nothing returning end_user_id`,
    values: [groupId, ids],
  })
  return rows.map((row) => row.end_user_id)
}

/** `ids: null`: everybody; `except` stay. Answers who was in it. */
export async function removeGroupMembers(
  tx: ProjectTx,
  groupId: string,
  { ids, except }: { ids: readonly string[] | null; except: readonly string[] },
): Promise<string[]> {
  const rows = await tx.query<{ end_user_id: string }>({
    name: 'directory_member_remove',
    text: `delete from auth.directory_group_member where project_id = auth.current_project_id() and group_id = $1
        and ($2::uuid[] is null or end_user_id = any ($2)) and not end_user_id = any ($3::uuid[]) returning end_user_id`,
    values: [groupId, ids, except],
  })
  return rows.map((row) => row.end_user_id)
}

/** Counted no further than `most` and one. */
export async function countGroupMembers(tx: ProjectTx, groupId: string, most: number): Promise<number> {
  const [row] = await tx.query<{ count: number }>({
    name: 'directory_member_count',
    text: `select count(*)::int as count from (select 1 from auth.directory_group_member
      where project_id = auth.current_project_id() and group_id = $1 limit $2) m`,
    values: [groupId, most + 1],
  })
  return row?.count ?? 0
}

/** Of all these groups. */
export async function listGroupMembers(tx: ProjectTx, groupIds: readonly string[]): Promise<GroupMember[]> {
  const rows = await tx.query<{ group_id: string; end_user_id: string; display: string }>({
    name: 'directory_member_list',
    text: `select m.group_id, m.end_user_id, coalesce(d.attributes #>> '{core,displayName}', d.user_name) as display
      from auth.directory_group_member m
      join auth.directory_user d on d.project_id = auth.current_project_id() and d.end_user_id = m.end_user_id
      where m.project_id = auth.current_project_id() and m.group_id = any ($1::uuid[]) order by m.group_id, d.created_at, m.end_user_id`,
    values: [groupIds],
  })
  return rows.map((row) => ({ groupId: row.group_id, userId: row.end_user_id, display: row.display }))
}

/** The groups of all these people. */
export async function listGroupsOf(tx: ProjectTx, userIds: readonly string[]): Promise<GroupMember[]> {
  const rows = await tx.query<{ group_id: string; end_user_id: string; display: string }>({
    name: 'directory_member_groups',
    text: `select m.group_id, m.end_user_id, g.display_name as display from auth.directory_group_member m
      join auth.directory_group g on g.project_id = auth.current_project_id() and g.id = m.group_id
      where m.project_id = auth.current_project_id() and m.end_user_id = any ($1::uuid[]) order by g.created_at, g.id`,
    values: [userIds],
  })
  return rows.map((row) => ({ groupId: row.group_id, userId: row.end_user_id, display: row.display }))
}
