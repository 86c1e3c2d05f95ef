import { Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common'
import { Access } from '@portico/http/access'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { consoleSessionAnswer } from './console.answer.js'
import { requireSameOrigin } from './same-origin.js'

/** Who is at the console, and how they come in and go. Public: whoever is not signed in has to ask it first. */
@Controller('api/v1/console')
export class ConsoleController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Get('session') @Access('public')
  async session(@Req() request: FastifyRequest) {
    const { door, place } = this.use.console
    return { data: consoleSessionAnswer(await this.use.readConsoleSession.execute(await door.visitor(request)), place) }
  }

  @Post('sign-out') @HttpCode(200) @Access('public')
  async signOut(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const { cookie, place } = this.use.console
    requireSameOrigin(request, place.publicUrl, place.development)
    const token = cookie.read(request)
    if (token !== null) await this.use.consoleSessions.end(token, request.clientInfo())
    cookie.clear(reply)
    return { data: { signed_in: false } }
  }
}
