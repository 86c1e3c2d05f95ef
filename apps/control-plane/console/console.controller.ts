import { Body, Controller, Get, HttpCode, Inject, Post, Put, Req, Res } from '@nestjs/common'
import { Access, Principal } from '@portico/http/access'
import { validated } from '@portico/http/validated'
import { AuthError } from '@portico/kernel/auth-error'
import { DAY_SECONDS } from '@portico/kernel/duration'
import { parseId } from '@portico/kernel/ids'
import type { Caller } from '@portico/platform/caller'
import { DEMO_COOKIE } from '@portico/platform/console/demo-visitors'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { consoleSessionAnswer } from './console.answer.js'
import { AccessBody, SetUpBody, SwitchTenantBody, TokenBody } from './console.body.js'
import { requireSameOrigin } from './same-origin.js'

const DEMO_SECONDS = DAY_SECONDS

/** Who is at the console, and how they come in and go. Public: whoever is not signed in has to ask it first. */
@Controller('api/v1/console')
export class ConsoleController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Get('session')
  @Access('public')
  async session(@Req() request: FastifyRequest) {
    return { data: await this.#state(request) }
  }

  @Post('sign-out')
  @HttpCode(200)
  @Access('public')
  async signOut(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const { cookie } = this.#enter(request)
    const token = cookie.read(request)
    if (token !== null) await this.use.consoleSessions.end(token, request.clientInfo())
    cookie.clear(reply)
    return { data: { signed_in: false } }
  }

  /** The first owner, who is signed in at once. */
  @Post('setup')
  @Access('public')
  async setUp(
    @Req() request: FastifyRequest,
    @Body(validated(SetUpBody)) body: SetUpBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { cookie, door, attempts, people } = this.#enter(request)
    // At an open console whoever may enter is owner already; from elsewhere this throws.
    await door.visitor(request)
    await attempts.charge(request)
    const from = request.clientInfo()
    const person = await this.use.setUpFirstOwner.execute(body, from)
    const { sessionId } = await people.startSession({ userId: person.id, amr: ['pwd'] }, from)
    const opened = await this.use.openConsoleSession.forPerson('local', person.id, sessionId)
    cookie.set(reply, opened.token, opened.seconds)
    return { data: await this.#stateOf(opened.token) }
  }

  /** Mode `token`: an API key, or the token of the environment, typed once. */
  @Post('token')
  @HttpCode(200)
  @Access('public')
  async token(
    @Req() request: FastifyRequest,
    @Body(validated(TokenBody)) { token }: TokenBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { cookie, attempts } = this.#enter(request)
    await attempts.charge(request)
    const typed = await this.#typed(token)
    if (typed === null) throw new AuthError('unauthenticated')
    const opened = await this.use.openConsoleSession.forTyped(typed)
    cookie.set(reply, opened.token, opened.seconds)
    return { data: await this.#stateOf(opened.token) }
  }

  /** To look around in the made-up projects; `not_found` where there are none. */
  @Post('demo')
  @HttpCode(200)
  @Access('public')
  async demo(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const { cookie, door } = this.#enter(request)
    const visitor = await door.demoVisitor(request)
    if (visitor === null) throw new AuthError('not_found')
    cookie.set(reply, DEMO_COOKIE, DEMO_SECONDS)
    return { data: consoleSessionAnswer(await this.use.readConsoleSession.execute(visitor), this.use.console.place) }
  }

  @Put('access')
  @Access({ permission: 'settings.users.manage' })
  async access(@Principal() caller: Caller, @Body(validated(AccessBody)) { mode }: AccessBody, @Req() request: FastifyRequest) {
    await this.use.chooseAccess.execute(caller, mode)
    return { data: await this.#state(request).catch(() => ({ mode })) }
  }

  /** The session shows another tenant that the person is a member of. */
  @Post('tenant')
  @HttpCode(200)
  @Access('signed-in')
  async switchTenant(@Req() request: FastifyRequest, @Body(validated(SwitchTenantBody)) body: SwitchTenantBody) {
    const visitor = await this.use.console.door.visitor(request)
    const tenantId = parseId('tnt', body.tenantId)
    if (!visitor || tenantId === null) throw new AuthError('not_found')
    await this.use.consoleSessions.move(visitor, tenantId)
    return { data: await this.#state(request) }
  }

  #enter(request: FastifyRequest): UseCases['console'] {
    const { place } = this.use.console
    requireSameOrigin(request, place.publicUrl, place.development)
    return this.use.console
  }

  async #typed(token: string): Promise<{ tenantId: string; apiKeyId: string | null; tokenDigest: Buffer | null } | null> {
    const { door, homeTenantId } = this.use.console
    if ((await door.mode()) !== 'token') throw new AuthError('forbidden', { message: 'Keys do not open this console.' })
    const tenantId = await homeTenantId()
    if (door.isToken(token)) return tenantId === null ? null : { tenantId, apiKeyId: null, tokenDigest: door.tokenDigest }
    const key = await this.use.authenticateApiKey.execute(token)
    return key && { tenantId: key.tenantId, apiKeyId: key.id, tokenDigest: null }
  }

  async #state(request: FastifyRequest) {
    const { door, place } = this.use.console
    return consoleSessionAnswer(await this.use.readConsoleSession.execute(await door.visitor(request)), place)
  }

  async #stateOf(token: string) {
    return consoleSessionAnswer(
      await this.use.readConsoleSession.execute(await this.use.consoleSessions.find(token)),
      this.use.console.place,
    )
  }
}
