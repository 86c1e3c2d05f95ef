import { randomBytes, randomUUID } from 'node:crypto'
import { digestToken } from '@portico/crypto/token-digest'
import type { Connection } from '../support/sql.js'

/** A directory with a token, and a spare one; somebody in it, and a group with them. */
export interface DirectoryThings {
  id: string
  token: string
  spareTokenId: string
  userId: string
  groupId: string
}

export async function makeDirectory(
  owner: Connection,
  { projectId, organizationId, marker }: { projectId: string; organizationId: string; marker: string },
): Promise<DirectoryThings> {
  const [id, spareTokenId, userId, groupId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()]
  const token = `scim_${randomBytes(32).toString('base64url')}`
  await owner.query(
    `insert into auth.directory (project_id, id, organization_id, name, fallback_role, created_at, updated_at)
      values ($1, $2, $3, 'Directory', 'member', now(), now())`,
    [projectId, id, organizationId],
  )
  await owner.query(
    `insert into auth.directory_token (project_id, id, directory_id, digest, prefix, created_at, expires_at)
      values ($1, $2, $3, $4, 'scim_', now(), null), ($1, $5, $3, $6, 'scim_', now(), now() - interval '1 day')`,
    [projectId, randomUUID(), id, digestToken(token), spareTokenId, digestToken(spareTokenId)],
  )
  const email = `${userId}@example.com`
  await owner.query(
    `insert into auth.end_user (project_id, id, email, email_typed, metadata, created_at, updated_at) values ($1, $2, $3, $3, $4, now(), now())`,
    [projectId, userId, email, JSON.stringify({ marker })],
  )
  await owner.query(
    `insert into auth.directory_user (project_id, end_user_id, directory_id, user_name, user_name_key, attributes, active, created_at, updated_at)
      values ($1, $2, $3, $4, $4, $5, true, now(), now())`,
    [projectId, userId, id, email, JSON.stringify({ core: { displayName: marker, emails: [{ value: email }] }, extensions: {} })],
  )
  await owner.query('insert into auth.directory_user_email (project_id, end_user_id, directory_id, email_key) values ($1, $2, $3, $4)', [
    projectId, userId, id, email,
  ])
  await owner.query(
    `insert into auth.directory_group (project_id, id, directory_id, display_name, display_name_key, created_at, updated_at)
      values ($1, $2, $3, $4, $4, now(), now())`,
    [projectId, groupId, id, `group of ${marker}`.toLowerCase()],
  )
  await owner.query('insert into auth.directory_group_member (project_id, group_id, end_user_id) values ($1, $2, $3)', [projectId, groupId, userId])
  return { id, token, spareTokenId, userId, groupId }
}
