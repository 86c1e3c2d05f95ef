import type { PlatformDb } from '@portico/database/platform-db'
import { AuthError } from '@portico/kernel/auth-error'
import { DAY_SECONDS } from '@portico/kernel/duration'
import type { ConsoleSessionKind } from '../records/console-session.store.js'
import { listMemberships } from '../records/member.store.js'
import type { ConsoleSessions } from './console-sessions.js'

/** A session that an outside issuer began is asked for anew every day: it may know that somebody left, and tells nobody. */
const OIDC_SECONDS = DAY_SECONDS
/** The session of the account behind it ends earlier, by the settings of the console's project. */
const LOCAL_SECONDS = 30 * DAY_SECONDS
const TYPED_SECONDS = DAY_SECONDS

export interface OpenedSession {
  /** The value of the cookie. */
  token: string
  seconds: number
}

/** A session of the console for somebody who has just proved who they are. */
export class OpenConsoleSession {
  constructor(
    private readonly db: PlatformDb,
    private readonly sessions: ConsoleSessions,
  ) {}

  /** Throws `forbidden` for somebody who is a member of nothing, or may not come in this way. */
  async forPerson(kind: Extract<ConsoleSessionKind, 'local' | 'oidc'>, userId: string, authSessionId: string): Promise<OpenedSession> {
    const [first] = await listMemberships(this.db, userId)
    if (!first) throw new AuthError('forbidden', { message: 'This account is a member of no team here. Ask an owner for an invitation.' })
    const seconds = kind === 'oidc' ? OIDC_SECONDS : LOCAL_SECONDS
    const session = { kind, tenantId: first.tenantId, userId, authSessionId, apiKeyId: null, tokenDigest: null }
    const token = await this.sessions.begin(session, seconds)
    if ((await this.sessions.find(token)) === null)
      throw new AuthError('forbidden', { message: 'This account may not open the console this way.' })
    return { token, seconds }
  }

  /** Mode `token`: for a key, or for the token of the environment. */
  async forTyped(typed: { tenantId: string; apiKeyId: string | null; tokenDigest: Buffer | null }): Promise<OpenedSession> {
    const tokenDigest = typed.tokenDigest === null ? null : new Uint8Array(typed.tokenDigest)
    const kind = typed.apiKeyId === null ? 'token' : 'api_key'
    const session = { kind, tenantId: typed.tenantId, apiKeyId: typed.apiKeyId, userId: null, authSessionId: null, tokenDigest } as const
    return { token: await this.sessions.begin(session, TYPED_SECONDS), seconds: TYPED_SECONDS }
  }
}
