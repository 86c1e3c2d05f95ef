import type { FastifyReply, FastifyRequest } from 'fastify'

const TOKEN = /^[\w-]{43}$/

/** A cookie of the console. `__Host-` keeps other hosts of the domain from planting one (RFC 6265bis, 4.1.3.2). */
export class ConsoleCookie {
  readonly #name: string
  readonly #secure: boolean

  constructor(
    name: string,
    publicUrl: string,
    private readonly form: RegExp = TOKEN,
  ) {
    // Plain http is for development alone; browsers do not keep Secure cookies there.
    this.#secure = publicUrl.startsWith('https:')
    this.#name = `${this.#secure ? '__Host-' : ''}${name}`
  }

  read(request: FastifyRequest): string | null {
    for (const pair of (request.headers.cookie ?? '').split(';')) {
      const at = pair.indexOf('=')
      if (at < 0 || pair.slice(0, at).trim() !== this.#name) continue
      const value = pair.slice(at + 1).trim()
      return this.form.test(value) ? value : null
    }
    return null
  }

  set(reply: FastifyReply, value: string, maxAgeSeconds: number): void {
    const secure = this.#secure ? '; Secure' : ''
    const cookie = `${this.#name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly${secure}; SameSite=Lax`
    const others = [reply.getHeader('set-cookie') ?? []].flat().map(String)
    reply.header('set-cookie', [...others, cookie])
  }

  clear(reply: FastifyReply): void {
    this.set(reply, '', 0)
  }
}
