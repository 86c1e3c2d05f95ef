import { constantTimeEqual } from '@portico/crypto/constant-time'
import { deriveToken, digestToken } from '@portico/crypto/token-digest'
import { opaqueToken, type Entropy } from '@portico/kernel/entropy'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { DeviceCookie } from '../../project/device-cookie.js'
import { projectBaseOf } from '../../project/project-base.js'

const DAY_SECONDS = 86_400
const SETUP_SECONDS = 7 * DAY_SECONDS
const BROWSER = 'portico-browser'
const SESSION = 'portico-page'
const SETUP = 'portico-setup'
const SECRET = /^[\w-]{43}$/

/**
 * The cookies of our own pages, kept to the project: by its path below a shared host (`__Secure-`), by the host where it has one of its own
 * (`__Host-`: no other host of the domain can plant one; RFC 6265bis, 4.1.3). `Lax`: they come along when an app sends its user here, and
 * never with a form on somebody else's page.
 */
export class PageCookies {
  readonly #secure: boolean
  readonly devices: DeviceCookie

  constructor(
    publicUrl: string,
    private readonly entropy: Entropy,
  ) {
    this.devices = new DeviceCookie(publicUrl)
    // Plain http is for development alone; browsers do not keep Secure cookies there.
    this.#secure = publicUrl.startsWith('https:')
  }

  /** What this browser is known by; a new one gets its secret with the answer. */
  browser(request: FastifyRequest, reply: FastifyReply): BrowserSecret {
    const known = this.known(request)
    if (known !== null) return known
    const secret = opaqueToken(this.entropy)
    this.#write(request, reply, BROWSER, secret, DAY_SECONDS)
    return new BrowserSecret(secret)
  }

  known(request: FastifyRequest): BrowserSecret | null {
    const value = this.#read(request, BROWSER)
    return value !== null && SECRET.test(value) ? new BrowserSecret(value) : null
  }

  session(request: FastifyRequest): string | null {
    return this.#read(request, SESSION)
  }

  keepSession(request: FastifyRequest, reply: FastifyReply, value: string, maxAgeSeconds: number): void {
    this.#write(request, reply, SESSION, value, maxAgeSeconds)
  }

  dropSession(request: FastifyRequest, reply: FastifyReply): void {
    if (this.session(request) !== null) this.#write(request, reply, SESSION, '', 0)
  }

  /** What the holder of a set-up link shows. */
  setup(request: FastifyRequest): string | null {
    const value = this.#read(request, SETUP)
    return value !== null && SECRET.test(value) ? value : null
  }

  keepSetup(request: FastifyRequest, reply: FastifyReply, value: string): void {
    this.#write(request, reply, SETUP, value, SETUP_SECONDS)
  }

  dropSetup(request: FastifyRequest, reply: FastifyReply): void {
    this.#write(request, reply, SETUP, '', 0)
  }

  #name(request: FastifyRequest, name: string): string {
    if (!this.#secure) return name
    return `${projectBaseOf(request.raw)?.kind === 'id' ? '__Secure-' : '__Host-'}${name}`
  }

  #read(request: FastifyRequest, name: string): string | null {
    const wanted = this.#name(request, name)
    for (const pair of (request.headers.cookie ?? '').split(';')) {
      const at = pair.indexOf('=')
      if (at > 0 && pair.slice(0, at).trim() === wanted) return pair.slice(at + 1).trim() || null
    }
    return null
  }

  #write(request: FastifyRequest, reply: FastifyReply, name: string, value: string, maxAgeSeconds: number): void {
    const base = projectBaseOf(request.raw)
    const path = base?.kind === 'id' ? base.path : '/'
    const secure = this.#secure ? '; Secure' : ''
    const attributes = `Path=${path}; Max-Age=${maxAgeSeconds}; HttpOnly${secure}; SameSite=Lax`
    reply.header('set-cookie', `${this.#name(request, name)}=${value}; ${attributes}`)
  }
}

/** A secret of one browser at one project, and what is computed from it. */
export class BrowserSecret {
  readonly #key: Buffer

  constructor(secret: string) {
    this.#key = Buffer.from(secret, 'utf8')
  }

  /** In every form: a page of another site cannot read it, nor make the browser send a cookie that goes with one of its own. */
  get formToken(): string {
    return deriveToken(this.#key, ['form'])
  }

  sent(formToken: string | undefined): boolean {
    return formToken !== undefined && constantTimeEqual(formToken, this.formToken)
  }

  /** Our own proof key for what leaves this page and comes back to it: a provider, a mailed link (RFC 7636). One for each sign-in. */
  verifier(about: string): string {
    return deriveToken(this.#key, ['verifier', about])
  }

  challenge(about: string): string {
    return digestToken(this.verifier(about)).toString('base64url')
  }
}
