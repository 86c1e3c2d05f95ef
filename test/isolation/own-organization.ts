import { randomBytes, randomUUID } from 'node:crypto'
import { digestToken } from '@portico/crypto/token-digest'
import type { Connection } from '../support/sql.js'

/** What a person has of organizations: one with a plain member and an invitation in it, and an invitation of their own. */
export interface OrganizationThings {
  id: string
  memberId: string
  invitationId: string
  ownInvitationId: string
  /** A mail domain that waits for its proof. */
  domainId: string
  /** Set-up links: one to look at, one to open, and one that a browser holds already. */
  setup: { look: string; open: string; holder: string; spareId: string }
}

/** A role of the project that nobody has. */
export const SPARE_ROLE = 'spare'

export async function makeOrganization(
  owner: Connection,
  { projectId, userId, email, memberId, marker }: { projectId: string; userId: string; email: string; memberId: string; marker: string },
): Promise<OrganizationThings> {
  const [id, otherId, invitationId, ownInvitationId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()]
  await owner.query(
    `insert into auth.organization (project_id, id, name, slug, metadata, created_at, updated_at)
      select $1, o, 'Company', left(o::text, 8), $3, now(), now() from unnest($2::uuid[]) o`,
    [projectId, [id, otherId], JSON.stringify({ marker })],
  )
  await owner.query(
    `insert into auth.organization_membership (project_id, organization_id, end_user_id, role, created_at, updated_at)
      values ($1, $2, $3, 'admin', now(), now()), ($1, $2, $4, 'member', now(), now())`,
    [projectId, id, userId, memberId],
  )
  await owner.query(
    `insert into auth.organization_invitation (project_id, id, organization_id, email, role, created_at, expires_at)
      values ($1, $2, $3, $4, 'member', now(), now() + interval '1 day'), ($1, $5, $6, $7, 'member', now(), now() + interval '1 day')`,
    [projectId, invitationId, id, `invited.${email}`, ownInvitationId, otherId, email],
  )
  await owner.query(
    `insert into auth.organization_role (project_id, id, key, name, permissions, created_at, updated_at)
      values ($1, $2, $3, 'Spare', '{}', now(), now()) on conflict do nothing`,
    [projectId, randomUUID(), SPARE_ROLE],
  )
  await owner.query('update auth.end_user set email_verified_at = coalesce(email_verified_at, now()) where project_id = $1 and id = $2', [projectId, userId])
  const token = () => randomBytes(32).toString('base64url')
  const setup = { look: token(), open: token(), holder: token(), spareId: randomUUID() }
  const links = [
    [randomUUID(), setup.look, null], [randomUUID(), setup.open, null], [setup.spareId, token(), null],
    [randomUUID(), token(), setup.holder],
  ] as const
  for (const [linkId, secret, holder] of links) {
    await owner.query(
      `insert into auth.setup_link (project_id, id, organization_id, token_digest, holder_digest, created_at, expires_at, opened_at)
        values ($1, $2, $3, $4, $5, now(), now() + interval '7 days', case when $5::bytea is null then null else now() end)`,
      [projectId, linkId, id, digestToken(secret), holder === null ? null : digestToken(holder)],
    )
  }
  const domainId = randomUUID()
  const domain = `${domainId.slice(0, 8)}.example`
  await owner.query(
    `insert into auth.email_domain (project_id, id, organization_id, domain, verification_token, created_at)
      values ($1, $2, $3, $4, $5, now())`,
    [projectId, domainId, id, domain, `sso-domain-verify=${marker}`],
  )
  return { id, memberId, invitationId, ownInvitationId, domainId, setup }
}
