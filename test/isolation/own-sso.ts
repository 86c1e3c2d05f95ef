import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { Connection } from '../support/sql.js'
import { IDP_KEY } from '../support/saml-keys.js'

/** What a project has of single sign-on: a connection, its domain and one that waits for its proof, somebody who may break the glass. */
export interface SsoThings {
  connectionId: string
  /** An address that the connection answers for. */
  email: string
  domainId: string
  waitingDomainId: string
  /** A key of ours; nothing opens what is sealed there. */
  keyId: string
  /** A test that waits for a browser, and what opens it. */
  attemptId: string
  ticket: string
  /** Of a browser that is on its way; the second of another one. */
  flows: { state: string; cookie: string }[]
}

const digest = (text: string) => createHash('sha256').update(text).digest()

export async function makeSso(
  owner: Connection,
  { projectId, userId, marker, redirectTo }: { projectId: string; userId: string; marker: string; redirectTo: string },
): Promise<SsoThings> {
  const [connectionId, domainId, waitingDomainId] = [randomUUID(), randomUUID(), randomUUID()]
  const domain = `${connectionId.slice(0, 8)}.example`
  const saml = {
    entity_id: `https://idp.example/${marker}`, sso_url: 'https://idp.example/sso', binding: 'redirect', certificates: [IDP_KEY.cert], signed: 'any',
    metadata_url: null, metadata_read_at: null, idp_initiated: false, name_id_format: null,
  }
  const mapping = { email: null, name: null, groups: null, metadata: [] }
  const config = { protocol: 'saml', oidc: null, saml, mapping, roles: [], fallback_role: null, create_users: true }
  // What those before had: a project may have fifty domains.
  for (const table of ['sso_connection', 'sso_break_glass']) await owner.query(`delete from auth.${table} where project_id = $1`, [projectId])
  await owner.query('delete from auth.email_domain where project_id = $1 and organization_id is null', [projectId])
  await owner.query(
    `insert into auth.sso_connection (project_id, id, protocol, name, state, config, created_at, updated_at)
      values ($1, $2, 'saml', $3, 'active', $4, now(), now())`,
    [projectId, connectionId, marker, JSON.stringify(config)],
  )
  await owner.query(
    `insert into auth.email_domain (project_id, id, domain, verification_token, verified_at, connection_id, created_at)
      values ($1, $2, $3, $4, now(), $5, now()), ($1, $6, $7, $4, null, null, now())`,
    [projectId, domainId, domain, `sso-domain-verify=${marker}`, connectionId, waitingDomainId, `waiting-${domain}`],
  )
  await owner.query('insert into auth.sso_break_glass (project_id, end_user_id, created_at) values ($1, $2, now())', [projectId, userId])
  const [attemptId, ticket] = [randomUUID(), randomBytes(32).toString('base64url')]
  await owner.query(
    `insert into auth.sso_attempt (project_id, id, connection_id, test, ticket_digest, state, created_at, expires_at)
      values ($1, $2, $3, true, $4, 'waiting', now(), now() + interval '1 day')`,
    [projectId, attemptId, connectionId, digest(ticket)],
  )
  const keyId = randomUUID()
  await owner.query(
    `insert into auth.sso_key (project_id, id, connection_id, certificate, sealed, signs, created_at, expires_at)
      values ($1, $2, $3, $4, '\\x00', false, now(), now() + interval '1 year')`,
    [projectId, keyId, connectionId, IDP_KEY.cert],
  )
  const flows = []
  for (let index = 0; index < 2; index += 1) {
    const [state, secret] = [randomBytes(32).toString('base64url'), randomBytes(32).toString('base64url')]
    await owner.query(
      `insert into auth.oauth_flow (project_id, state_digest, provider, browser_digest, nonce, verifier_sealed, redirect_to, code_challenge,
          created_at, expires_at)
        values ($1, $2, $3, $4, '_request', '\\x00', $5, 'x', now(), now() + interval '10 minutes')`,
      [projectId, digest(state), `sso:${connectionId}`, digest(secret), redirectTo],
    )
    flows.push({ state, cookie: `__Host-portico-flow-${digest(state).toString('base64url').slice(0, 12)}=${secret}` })
  }
  return { connectionId, email: `somebody@${domain}`, domainId, waitingDomainId, keyId, attemptId, ticket, flows }
}
