import { consoleFlowContext } from '@portico/crypto/seal-context'
import type { SealedBox } from '@portico/crypto/sealed-box'
import { digestToken } from '@portico/crypto/token-digest'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds } from '@portico/kernel/duration'
import { opaqueToken, type Entropy } from '@portico/kernel/entropy'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ConsoleCookie } from './console-cookie.js'

const SECONDS = 600
const SEALED = /^[\w-]{100,2000}$/
const STATE = /^[\w-]{43}$/
// What a browser is sent back to: a path of the console, which cannot be read as another host (`//`, `/\`).
const NEXT = /^\/console(?:[/?#][\w\-./?#&=%:@+,~]*)?$/

/** A browser on its way to a sign-in page. */
export interface SignInFlow {
  way: 'local' | 'oidc'
  state: string
  codeVerifier: string
  nonce: string
  next: string
}

/** Where to go afterwards: a path of the console, or its home. */
export function readNext(next: unknown): string {
  return typeof next === 'string' && next.length <= 500 && NEXT.test(next) && !next.includes('//') && !next.includes('/../')
    ? next
    : '/console'
}

/**
 * Binds a sign-in to the browser that began it, in a cookie that only this server reads: one per flow, so that two tabs do not disturb each
 * other.
 */
export class SignInFlows {
  constructor(
    private readonly box: SealedBox,
    private readonly publicUrl: string,
    private readonly projectId: () => Promise<string>,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  async begin(reply: FastifyReply, way: SignInFlow['way'], next: string): Promise<SignInFlow> {
    const flow = { way, state: opaqueToken(this.entropy), codeVerifier: opaqueToken(this.entropy), nonce: opaqueToken(this.entropy), next }
    const until = addSeconds(this.clock.now(), SECONDS).getTime()
    const sealed = this.box.seal(JSON.stringify({ ...flow, until }), await this.#context(flow.state))
    this.#cookie(flow.state).set(reply, sealed.toString('base64url'), SECONDS)
    return flow
  }

  /** `null`: this browser began no such sign-in, or too long ago. Once: the cookie goes. */
  async end(request: FastifyRequest, reply: FastifyReply, state: unknown): Promise<SignInFlow | null> {
    if (typeof state !== 'string' || !STATE.test(state)) return null
    const cookie = this.#cookie(state)
    const sealed = cookie.read(request)
    if (sealed === null) return null
    cookie.clear(reply)
    try {
      const text = this.box.open(Buffer.from(sealed, 'base64url'), await this.#context(state)).toString('utf8')
      const { until, ...flow } = JSON.parse(text) as SignInFlow & { until: number }
      return flow.state === state && until > this.clock.now().getTime() ? flow : null
    } catch {
      return null
    }
  }

  #cookie(state: string): ConsoleCookie {
    return new ConsoleCookie(`portico_console_flow_${digestToken(state).toString('hex').slice(0, 12)}`, this.publicUrl, SEALED)
  }

  async #context(state: string) {
    return consoleFlowContext(await this.projectId(), digestToken(state))
  }
}
