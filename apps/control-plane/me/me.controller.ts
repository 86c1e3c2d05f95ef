import { Controller, Get, Inject } from '@nestjs/common'
import { Access, Principal } from '@portico/http/access'
import type { Caller } from '@portico/platform/caller'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { meAnswer } from './me.answer.js'

/** Who calls, and what they may do: for a person and for an API key. */
@Controller('api/v1/me')
export class MeController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Get() @Access('signed-in')
  async read(@Principal() caller: Caller) {
    return { data: meAnswer(await this.use.readMe.execute(caller)) }
  }
}
