import { constantTimeEqual } from '@portico/crypto/constant-time'
import { digestToken } from '@portico/crypto/token-digest'
import type { PlatformDb } from '@portico/database/platform-db'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds } from '@portico/kernel/duration'
import { opaqueToken, type Entropy } from '@portico/kernel/entropy'
import { permissionsOfRole, type Permission } from '@portico/kernel/permissions'
import { asItsOwnerMay } from '../api-keys/key-of-member.js'
import { permissionsOfKey } from '../api-keys/scopes.js'
import type { Actor } from '../caller.js'
import { findLiveApiKey } from '../records/api-key.store.js'
import {
  deleteConsoleSession,
  findConsoleSession,
  insertConsoleSession,
  moveConsoleSession,
  type ConsoleSessionRow,
  type NewConsoleSession,
} from '../records/console-session.store.js'
import type { ConsoleAccessMode } from '../records/console.store.js'
import { findMember } from '../records/member.store.js'
import { homeTenantId } from '../records/tenant.store.js'
import { readPermissionsOfRole } from '../roles/permissions-of-role.js'
import type { ConsoleAccess } from './console-access.js'
import type { ConsolePeople, ConsolePerson } from './console-people.js'

/** Whoever is at the console now. */
export interface ConsoleVisitor {
  sessionId: string | null
  tenantId: string
  actor: Actor
  /** `null` for a key or a token, and for a console that asks for no name. */
  person: ConsolePerson | null
  role: string | null
  permissions: ReadonlySet<Permission>
  projects: ReadonlySet<string> | null
}

export interface SessionRules {
  /** Digest of the token in the environment; `null`: there is none. */
  tokenDigest: Buffer | null
  /** Mode `oidc`: whether `break_glass` members may sign in at our own page. */
  localLogin: boolean
}

interface Slot {
  visitor: Promise<ConsoleVisitor | null>
  readAt: number
}

const MAX_AGE_MS = 900
const MAX_SLOTS = 10_000

/** The sessions of the console. Looked up anew every second: whoever is signed out, disabled or removed is out by then, everywhere. */
export class ConsoleSessions {
  readonly #slots = new Map<string, Slot>()

  constructor(
    private readonly db: PlatformDb,
    private readonly people: ConsolePeople,
    private readonly access: ConsoleAccess,
    private readonly rules: SessionRules,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {}

  /** The value of the cookie. */
  async begin(session: Omit<NewConsoleSession, 'id' | 'digest' | 'expiresAt'>, seconds: number): Promise<string> {
    const token = opaqueToken(this.entropy)
    const now = this.clock.now()
    const expiresAt = addSeconds(now, seconds)
    await insertConsoleSession(this.db, { ...session, id: this.entropy.uuid(), digest: stored(token), expiresAt }, now)
    return token
  }

  async find(token: string): Promise<ConsoleVisitor | null> {
    const name = digestToken(token).toString('hex')
    const now = this.monotonicMs()
    const found = this.#slots.get(name)
    if (found && now - found.readAt < MAX_AGE_MS) return found.visitor
    const slot: Slot = { visitor: this.#read(token), readAt: now }
    this.#slots.delete(name)
    this.#slots.set(name, slot)
    const drop = () => {
      if (this.#slots.get(name) === slot) this.#slots.delete(name)
    }
    // Made-up cookies are not remembered: they must not push real ones out.
    slot.visitor.then((visitor) => (visitor ? undefined : drop()), drop)
    if (this.#slots.size > MAX_SLOTS) this.#slots.delete(this.#slots.keys().next().value!)
    return slot.visitor
  }

  /** The session shows another tenant of the same person. Throws `not_found` where they are no member. */
  async move({ sessionId, person }: ConsoleVisitor, tenantId: string): Promise<void> {
    if (sessionId === null || person === null || !(await findMember(this.db, tenantId, person.id))) throw new AuthError('not_found')
    await moveConsoleSession(this.db, sessionId, tenantId)
    this.forgetAll()
  }

  /** Something about sessions, members or roles changed here. */
  forgetAll(): void {
    this.#slots.clear()
  }

  /** Signs out: the session of the console, and the one of the account behind it. */
  async end(token: string, from: { ip: string | null; userAgent: string | null }): Promise<void> {
    const row = await findConsoleSession(this.db, stored(token))
    this.forgetAll()
    if (!row) return
    await deleteConsoleSession(this.db, row.id)
    if (row.userId === null || row.authSessionId === null) return
    await this.people.endSession({ id: row.authSessionId, userId: row.userId }, from)
  }

  async #read(token: string): Promise<ConsoleVisitor | null> {
    const row = await findConsoleSession(this.db, stored(token))
    if (!row || row.expiresAt <= this.clock.now()) return null
    const mode = await this.access.mode()
    if (row.userId !== null && row.authSessionId !== null) return this.#member(row, row.userId, row.authSessionId, mode)
    // Keys and tokens open the console where nobody is asked who they are.
    if (mode !== 'token') return null
    return row.apiKeyId === null ? this.#token(row) : this.#key(row, row.apiKeyId)
  }

  async #member(row: ConsoleSessionRow, userId: string, authSessionId: string, mode: ConsoleAccessMode): Promise<ConsoleVisitor | null> {
    const member = await findMember(this.db, row.tenantId, userId)
    if (!member) return null
    const local = mode === 'password' || (mode === 'oidc' && this.rules.localLogin && member.breakGlass)
    if (row.kind === 'oidc' ? mode !== 'oidc' : !local) return null
    const [person, permissions] = await Promise.all([
      this.people.behind(authSessionId),
      readPermissionsOfRole(this.db, row.tenantId, member.role),
    ])
    if (person?.id !== userId) return null
    return {
      ...visit(row),
      actor: { type: 'platform_user', id: userId },
      person,
      role: member.role,
      permissions: new Set(permissions),
      projects: null,
    }
  }

  async #token(row: ConsoleSessionRow): Promise<ConsoleVisitor | null> {
    const { tokenDigest } = this.rules
    if (tokenDigest === null || row.tokenDigest === null || !constantTimeEqual(Buffer.from(row.tokenDigest), tokenDigest)) return null
    return { ...visit(row), ...tokenHolder((await homeTenantId(this.db)) === row.tenantId) }
  }

  async #key(row: ConsoleSessionRow, keyId: string): Promise<ConsoleVisitor | null> {
    const key = await asItsOwnerMay(this.db, await findLiveApiKey(this.db, row.tenantId, keyId))
    if (!key || (key.expiresAt !== null && key.expiresAt <= this.clock.now())) return null
    const projects = key.projectIds.length === 0 ? null : new Set(key.projectIds)
    return { ...visit(row), actor: { type: 'api_key', id: key.id }, person: null, role: null, permissions: permissionsOfKey(key), projects }
  }
}

/** Whoever has the token of the environment. */
export function tokenHolder(operator: boolean): Pick<ConsoleVisitor, 'actor' | 'person' | 'role' | 'permissions' | 'projects'> {
  return {
    actor: { type: 'platform_user', id: 'console_token' },
    person: null,
    role: 'owner',
    permissions: new Set(permissionsOfRole('owner', operator)),
    projects: null,
  }
}

function visit(row: ConsoleSessionRow): Pick<ConsoleVisitor, 'sessionId' | 'tenantId'> {
  return { sessionId: row.id, tenantId: row.tenantId }
}

function stored(token: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(digestToken(token))
}
