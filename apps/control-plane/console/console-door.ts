import { constantTimeEqual } from '@portico/crypto/constant-time'
import { digestToken } from '@portico/crypto/token-digest'
import { isLoopbackHost } from '@portico/http/loopback-host'
import { readAddress } from '@portico/http/client-address'
import { AuthError } from '@portico/kernel/auth-error'
import { permissionsOfRole, type Permission } from '@portico/kernel/permissions'
import type { Caller } from '@portico/platform/caller'
import type { ConsoleAccess } from '@portico/platform/console/console-access'
import { DEMO_COOKIE, type DemoVisitors } from '@portico/platform/console/demo-visitors'
import { tokenHolder, type ConsoleSessions, type ConsoleVisitor } from '@portico/platform/console/console-sessions'
import type { ConsoleAccessMode } from '@portico/platform/records/console.store'
import type { FastifyRequest } from 'fastify'
import type { ConsoleCookie } from './console-cookie.js'
import { requireSameOrigin } from './same-origin.js'

export interface ConsoleDoorOptions {
  access: ConsoleAccess
  sessions: ConsoleSessions
  /** `null`: there is no demo here, and its cookie opens nothing. */
  demo: DemoVisitors | null
  cookie: ConsoleCookie
  publicUrl: string
  development: boolean
  /** Mode `open` for whoever reaches it. */
  acceptOpenRisk: boolean
  /** Mode `token`: digest of what opens everything. */
  tokenDigest: Buffer | null
  homeTenantId: () => Promise<string | null>
}

/** Mode `token`, before the token: numbers of the home page, no people and no secrets. */
const COUNTS_ALONE: ReadonlySet<Permission> = new Set<Permission>(['stats.read'])
const NO_TENANT = '00000000-0000-0000-0000-000000000000'
const FORWARDED = ['x-forwarded-for', 'x-forwarded-host', 'forwarded', 'x-real-ip'] as const

/** Who is at the console, told by a cookie or, where nobody is asked, by the mode alone. Keys have an `Authorization` header instead. */
export class ConsoleDoor {
  constructor(private readonly options: ConsoleDoorOptions) {}

  get tokenDigest(): Buffer | null {
    return this.options.tokenDigest
  }

  mode(): Promise<ConsoleAccessMode> {
    return this.options.access.mode()
  }

  /** `null`: nobody. Throws for a request that a page elsewhere has caused, or that comes from where no open console may be reached. */
  async enter(request: FastifyRequest): Promise<Caller | null> {
    const visitor = await this.visitor(request)
    if (visitor === null) return null
    const { publicUrl, development } = this.options
    requireSameOrigin(request, publicUrl, development)
    const { ip, userAgent } = request.clientInfo()
    const { tenantId, actor, permissions, projects } = visitor
    return { tenantId, actor, permissions, projects, ip, userAgent }
  }

  /** The same without the question where the request comes from: for what is only read. */
  async visitor(request: FastifyRequest): Promise<ConsoleVisitor | null> {
    const { cookie, demo, sessions, acceptOpenRisk } = this.options
    const mode = await this.mode()
    if (mode === 'open' && !acceptOpenRisk && !isNear(request)) throw new AuthError('forbidden', { message: OPEN_FROM_AFAR })
    const token = cookie.read(request)
    if (token === DEMO_COOKIE && demo !== null) return demo.visitor()
    if (mode === 'open') return this.#nobody('open_console', new Set(permissionsOfRole('owner', true)), 'owner')
    const visitor = token === null ? null : await sessions.find(token)
    if (visitor !== null || mode !== 'token') return visitor
    return this.#nobody('console_visitor', COUNTS_ALONE, null)
  }

  /** Who somebody would be in the demo; `null`: there is none. An open console from afar has nothing for anybody: this throws. */
  async demoVisitor(request: FastifyRequest): Promise<ConsoleVisitor | null> {
    if (this.options.demo === null) return null
    await this.visitor(request)
    return this.options.demo.visitor()
  }

  /** Mode `token`: whoever has the one of the environment. */
  async holderOf(presented: string, request: FastifyRequest): Promise<Caller | null> {
    if (!this.isToken(presented) || (await this.mode()) !== 'token') return null
    const tenantId = await this.options.homeTenantId()
    const { ip, userAgent } = request.clientInfo()
    return tenantId === null ? null : { ...tokenHolder(true), tenantId, ip, userAgent }
  }

  isToken(presented: string): boolean {
    const { tokenDigest } = this.options
    return tokenDigest !== null && constantTimeEqual(digestToken(presented), tokenDigest)
  }

  /**
   * Whose mails of a development inbox the request may see; `null`: all of them. A demo invites strangers to look in, and mails hold links
   * that sign in: with one, only who has come in otherwise, or sits at this machine and is in no demo, sees more than the demo's.
   */
  async inboxTenant(request: FastifyRequest): Promise<string | null> {
    const { demo, cookie } = this.options
    if (demo === null) return null
    const inDemo = cookie.read(request) === DEMO_COOKIE
    if (!inDemo && isNear(request)) return null
    const visitor = inDemo ? null : await this.visitor(request).catch(() => null)
    const isIn = visitor !== null && (visitor.role !== null || visitor.actor.type === 'api_key')
    return isIn ? null : ((await demo.tenantId()) ?? NO_TENANT)
  }

  async #nobody(id: string, permissions: ReadonlySet<Permission>, role: string | null): Promise<ConsoleVisitor | null> {
    const tenantId = await this.options.homeTenantId()
    if (tenantId === null) return null
    return { sessionId: null, tenantId, actor: { type: 'platform_user', id }, person: null, role, permissions, projects: null }
  }
}

/**
 * Everybody at an open console is owner, so it is for whoever sits at this machine. A page on the internet whose name is made to resolve to
 * 127.0.0.1 would be same-origin with it (DNS rebinding): the name in its requests gives it away. So do the headers of a tunnel or proxy.
 */
function isNear(request: FastifyRequest): boolean {
  const peer = readAddress(request.socket.remoteAddress ?? '')
  const near = peer !== null && (peer === '::1' || peer.startsWith('127.'))
  return near && isLoopbackHost(request.headers.host) && FORWARDED.every((name) => request.headers[name] === undefined)
}

const OPEN_FROM_AFAR =
  'The console is open without sign-in, so it is answered on this machine alone, under localhost, 127.0.0.1 or [::1]. ' +
  'Turn sign-in on there, or set PORTICO_CONSOLE_ACCESS.'
