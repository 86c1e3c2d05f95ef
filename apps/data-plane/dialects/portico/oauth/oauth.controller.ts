import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common'
import type { ProjectRecord } from '@portico/database/project-directory'
import { FinishOAuth } from '@portico/end-user/ways-in/oauth/finish-oauth'
import { StartOAuth } from '@portico/end-user/ways-in/oauth/start-oauth'
import { RedeemExchangeCode } from '@portico/end-user/ways-in/passwordless/redeem-exchange-code'
import { AcceptsForm, Access, Client, CurrentProject, Limit } from '@portico/http/access'
import { sendPage } from '@portico/http/html-page'
import type { ClientInfo } from '@portico/http/request-context'
import { sendAway } from '@portico/http/send-away'
import { validated, validatedQuery } from '@portico/http/validated'
import { AuthError } from '@portico/kernel/auth-error'
import type { FastifyReply } from 'fastify'
import { Exchange, type HttpExchange } from '../session/http-exchange.js'
import { SessionTransport } from '../session/session-transport.js'
import { CanonicalHost } from './canonical-host.js'
import { FlowCookie } from './flow-cookie.js'
import { ExchangeBody, StartOAuthQuery } from './oauth.body.js'
import { followedPage, lostFlowPage, refusedPage, unavailablePage } from '../../../pages/oauth-pages.js'

@Controller('auth')
export class OAuthController {
  constructor(
    @Inject(StartOAuth) private readonly start: StartOAuth,
    @Inject(FinishOAuth) private readonly finish: FinishOAuth,
    @Inject(RedeemExchangeCode) private readonly redeem: RedeemExchangeCode,
    @Inject(FlowCookie) private readonly cookie: FlowCookie,
    @Inject(CanonicalHost) private readonly canonical: CanonicalHost,
    @Inject(SessionTransport) private readonly transport: SessionTransport,
  ) {}

  @Get('oauth/:provider/start') @Access('public') @Limit('oauth_client')
  async begin(
    @CurrentProject() project: ProjectRecord,
    @Param('provider') provider: string,
    @Query(validatedQuery(StartOAuthQuery)) query: StartOAuthQuery,
    @Client() client: ClientInfo,
    @Res() reply: FastifyReply,
  ) {
    const elsewhere = this.canonical.elsewhere(reply.request, project)
    if (elsewhere !== null) return void sendAway(reply, elsewhere)
    const started = await this.start.execute(project, provider, query, client)
    this.cookie.set(reply, started.state, started.browserSecret, started.crossSitePost)
    sendAway(reply, started.url.href)
  }

  @Get('oauth/:provider/callback') @Access('public') @Limit('oauth_client')
  async back(
    @CurrentProject() project: ProjectRecord,
    @Param('provider') provider: string,
    @Query() query: unknown,
    @Client() client: ClientInfo,
    @Res() reply: FastifyReply,
  ) {
    await this.#conclude(project, provider, query, client, reply)
  }

  /** Apple posts its answer. */
  @Post('oauth/:provider/callback') @Access('public') @AcceptsForm() @Limit('oauth_client')
  async posted(
    @CurrentProject() project: ProjectRecord,
    @Param('provider') provider: string,
    @Body() form: unknown,
    @Client() client: ClientInfo,
    @Res() reply: FastifyReply,
  ) {
    await this.#conclude(project, provider, form, client, reply)
  }

  @Post('token/exchange') @HttpCode(200) @Access('public') @Limit('token_client')
  async exchange(@CurrentProject() project: ProjectRecord, @Body(validated(ExchangeBody)) body: ExchangeBody, @Client() client: ClientInfo, @Exchange() http: HttpExchange) {
    return this.transport.answer(http, project, await this.redeem.execute(project, body, client))
  }

  async #conclude(project: ProjectRecord, provider: string, fields: unknown, client: ClientInfo, reply: FastifyReply): Promise<void> {
    const parameters = readAnswer(fields)
    const state = parameters.get('state') ?? ''
    const browserSecret = this.cookie.read(reply.request, state)
    try {
      const { redirect, refusal } = await this.finish.execute(project, provider, { parameters, browserSecret }, client)
      this.cookie.clear(reply, state)
      if (refusal?.code === 'temporarily_unavailable') {
        reply.header('retry-after', '5')
        sendPage(reply, unavailablePage(project.name, redirect))
      } else if (redirect !== null) sendAway(reply, redirect)
      else sendPage(reply, refusal === null ? followedPage(project) : refusedPage(project, refusal))
    } catch (error) {
      if (!(error instanceof AuthError) || error.code !== 'invalid_or_expired_token') throw error
      reply.request.errorCode = error.code
      sendPage(reply, lostFlowPage(project.name))
    }
  }
}

/** Every field once, as text; a doubled one could be read differently by two readers. */
function readAnswer(fields: unknown): URLSearchParams {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries((fields ?? {}) as Record<string, unknown>)) {
    if (typeof value !== 'string') throw new AuthError('invalid_request')
    parameters.set(name, value)
  }
  return parameters
}
