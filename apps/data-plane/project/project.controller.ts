import { Controller, Get, Inject } from '@nestjs/common'
import type { ProjectRecord } from '@portico/database/project-directory'
import { ProjectKeys } from '@portico/end-user/project/project-keys'
import { publicSettingsAnswer } from '@portico/end-user/project/public-settings'
import { Access, CurrentProject } from '@portico/http/access'
import type { Clock } from '@portico/kernel/clock'
import { Exchange, type HttpExchange } from '../session/http-exchange.js'
import { CLOCK } from '../injection-tokens.js'
import { cacheable } from './cacheable.js'

const JWKS_SECONDS = 300
const SETTINGS_SECONDS = 60

@Controller('auth')
export class ProjectController {
  constructor(
    @Inject(ProjectKeys) private readonly keys: ProjectKeys,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get(['.well-known/jwks.json', 'jwks']) @Access('public')
  jwks(@CurrentProject() project: ProjectRecord, @Exchange() http: HttpExchange) {
    return cacheable(http, JWKS_SECONDS, this.keys.ring(project).publicJwks(this.clock.now()))
  }

  @Get('settings') @Access('public')
  settings(@CurrentProject() project: ProjectRecord, @Exchange() http: HttpExchange) {
    return cacheable(http, SETTINGS_SECONDS, publicSettingsAnswer(project))
  }
}
