import { recordAudit } from '@portico/database/audit'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { digestToken } from '@portico/crypto/token-digest'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { isUuid } from '@portico/kernel/ids'
import { logoutResponse, readLogoutRequest, type AskedLogout, type LogoutPeers, type LogoutRequest } from '@portico/sso/saml/logout'
import { SamlProblem } from '@portico/sso/saml/saml-problem'
import type { SamlRequest } from '@portico/sso/saml/service-provider'
import type { Caller } from '../caller.js'
import type { EndUserLimits } from '../end-user-limits.js'
import type { AuthUrls } from '../project/auth-urls.js'
import { ssoUrls } from '../project/sso-urls.js'
import { takeAssertion } from '../records/saml-assertion.store.js'
import type { SsoConnection } from '../records/sso-connection.js'
import { findSsoConnection } from '../records/sso-connection.store.js'
import { endSsoSessions, voidSsoBeginnings } from '../records/sso-session.store.js'
import type { ConnectionKeys } from './connection-keys.js'
import type { FreshCertificates } from './fresh-certificates.js'
import { nameDigest } from './name-digest.js'

/** What a browser brings from an identity provider that signs somebody out. */
export interface BroughtLogout {
  asked: AskedLogout
  /** Given back with the answer. */
  relayState: string
}

/**
 * Single logout where the identity provider asks (SAML profiles, 4.4): a browser brings a signed request, the sessions that its assertions
 * began end, at every app, and the browser takes a signed answer back.
 */
export class EndByIdentityProvider {
  constructor(
    private readonly db: ProjectDb,
    private readonly urls: AuthUrls,
    private readonly keys: ConnectionKeys,
    private readonly certificates: FreshCertificates,
    private readonly limits: EndUserLimits,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /** Throws `not_found` for a connection without single logout, `invalid_request` for what is not signed for it, old, or shown before. */
  async execute(
    project: ProjectRecord,
    connectionId: string,
    { asked, relayState }: BroughtLogout,
    caller: Caller,
  ): Promise<SamlRequest> {
    const connection = isUuid(connectionId) ? await findSsoConnection(this.db, project.scope, connectionId) : null
    const peers = connection && connection.state !== 'draft' ? await this.#peers(project, connection) : null
    if (!connection || !peers) throw new AuthError('not_found')
    try {
      const request = await readLogoutRequest(peers, asked, this.clock.now())
      await this.db.transaction(project.scope, (tx) => this.#end(tx, connection, request, caller))
      const id = `_${this.entropy.bytes(20).toString('hex')}`
      return await logoutResponse(peers, { inResponseTo: request.id, relayState, id })
    } catch (error) {
      if (!(error instanceof SamlProblem)) throw error
      await this.#note(project, connection, error, caller)
      throw new AuthError('invalid_request', { cause: error, message: `The logout request is refused: ${error.detail}.` })
    }
  }

  async #peers(project: ProjectRecord, connection: SsoConnection): Promise<LogoutPeers | null> {
    const { saml } = connection.settings
    if (!saml || saml.sloUrl === null) return null
    const privateKey = await this.keys.signing(project, connection.id)
    if (privateKey === null) return null
    return {
      entityId: saml.entityId,
      certificates: this.certificates.of(connection),
      answerUrl: saml.sloUrl,
      answerBinding: saml.sloBinding,
      own: ssoUrls(this.urls.issuer(project), connection.id),
      privateKey,
      keys: () => this.keys.opening(project, connection.id),
    }
  }

  /** Anybody may send us anything here, so a flood leaves few rows, and none holds a word of the message. */
  async #note(project: ProjectRecord, { id, name }: SsoConnection, { kind, detail }: SamlProblem, caller: Caller): Promise<void> {
    const attempts = await this.limits.worthRecording(project, 'sso_logout_refused', `${id} ${caller.ip ?? ''} ${kind}`)
    if (attempts === null) return
    const metadata = { connection: name, problem: kind, detail, attempts }
    const about = { action: 'sso.logout_refused' as const, resource: 'sso_connection' as const, resourceId: id, metadata }
    const by = { actor: { type: 'anonymous' as const, id: null }, ip: caller.ip, userAgent: caller.userAgent }
    await this.db.transaction(project.scope, (tx) => recordAudit(tx, { ...by, ...about }, this.clock.now()))
  }

  async #end(tx: ProjectTx, connection: SsoConnection, request: LogoutRequest, caller: Caller): Promise<void> {
    const now = this.clock.now()
    const connectionId = connection.id
    const taken = { connectionId, digest: digestToken(`logout ${request.id}`), expiresAt: request.expiresAt }
    if (!(await takeAssertion(tx, taken))) throw new SamlProblem('untrusted', 'the request was shown before')
    const named = { connectionId, nameDigest: digestOf(request), sessionIndexes: request.sessionIndexes, now }
    const { ip, userAgent } = caller
    for (const { id, userId } of await endSsoSessions(tx, { ...named, reason: 'sso_logout' })) {
      const about = { resource: 'session' as const, resourceId: id, metadata: { reason: 'sso_logout', connectionId, endUserId: userId } }
      await recordAudit(tx, { action: 'session.ended', actor: { type: 'system', id: null }, ip, userAgent, ...about }, now)
    }
    await voidSsoBeginnings(tx, named)
  }
}

const digestOf = ({ nameId }: LogoutRequest): Buffer => Buffer.from(nameDigest(nameId), 'hex')
