import { Controller, Get, Inject } from '@nestjs/common'
import type { ProjectRecord } from '@portico/database/project-directory'
import { ProjectKeys } from '@portico/end-user/project/project-keys'
import { publicSettingsAnswer } from '@portico/end-user/project/public-settings'
import { Access, CurrentProject } from '@portico/http/access'
import type { Clock } from '@portico/kernel/clock'
import { Exchange, type HttpExchange } from '../dialects/portico/session/http-exchange.js'
import { CLOCK } from '../injection-tokens.js'
import { BrowserScript } from './browser-script.js'
import { cacheable, cacheableText } from './cacheable.js'

const JWKS_SECONDS = 300
const SETTINGS_SECONDS = 60
const SCRIPT_SECONDS = 3_600

@Controller('auth')
export class ProjectController {
  constructor(
    @Inject(ProjectKeys) private readonly keys: ProjectKeys,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(BrowserScript) private readonly script: BrowserScript,
  ) {}

  @Get(['.well-known/jwks.json', 'jwks']) @Access('public')
  jwks(@CurrentProject() project: ProjectRecord, @Exchange() http: HttpExchange) {
    return cacheable(http, JWKS_SECONDS, this.keys.ring(project).publicJwks(this.clock.now()))
  }

  /** `window.PorticoAuth` for pages without a build; served here, it knows its `AUTH_URL`. */
  @Get('sdk/portico-auth.js') @Access('public')
  browserScript(@Exchange() http: HttpExchange) {
    // The page that loads it is of another origin by nature.
    http.reply.header('cross-origin-resource-policy', 'cross-origin')
    return cacheableText(http, SCRIPT_SECONDS, 'text/javascript; charset=utf-8', this.script.text())
  }

  @Get('settings') @Access('public')
  settings(@CurrentProject() project: ProjectRecord, @Exchange() http: HttpExchange) {
    return cacheable(http, SETTINGS_SECONDS, publicSettingsAnswer(project))
  }
}
