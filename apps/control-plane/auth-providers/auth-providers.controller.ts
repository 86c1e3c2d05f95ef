import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Put, Query } from '@nestjs/common'
import type { ProjectRecord } from '@portico/database/project-directory'
import { Access, CurrentProject, Principal } from '@portico/http/access'
import { validated, validatedQuery } from '@portico/http/validated'
import type { Caller } from '@portico/platform/caller'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { captchaAnswer, providerAnswer, providerTestAnswer } from './auth-provider.answer.js'
import { RemoveProviderQuery, SetCaptchaBody, SetProviderBody } from './auth-provider.body.js'

@Controller('api/v1/projects/:projectId/auth')
export class AuthProvidersController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Get('providers') @Access({ permission: 'auth.read' })
  async list(@CurrentProject() project: ProjectRecord) {
    return { data: (await this.use.readProviders.list(project)).map(providerAnswer) }
  }

  @Get('providers/:provider') @Access({ permission: 'auth.read' })
  async read(@CurrentProject() project: ProjectRecord, @Param('provider') provider: string) {
    return { data: providerAnswer(await this.use.readProviders.read(project, provider)) }
  }

  @Put('providers/:provider')
  @Access({ permission: 'auth.write' })
  async set(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Param('provider') provider: string,
    @Body(validated(SetProviderBody)) body: SetProviderBody,
  ) {
    return { data: providerAnswer(await this.use.setProvider.execute(project, caller, provider, body)) }
  }

  @Delete('providers/:provider') @Access({ permission: 'auth.write' })
  async remove(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Param('provider') provider: string,
    @Query(validatedQuery(RemoveProviderQuery)) { force }: RemoveProviderQuery,
  ) {
    return { data: providerAnswer(await this.use.removeProvider.execute(project, caller, provider, force ?? false)) }
  }

  @Post('providers/:provider/test') @HttpCode(200) @Access({ permission: 'auth.write' })
  async test(@CurrentProject() project: ProjectRecord, @Param('provider') provider: string) {
    return { data: providerTestAnswer(await this.use.testProvider.execute(project, provider)) }
  }

  @Get('captcha') @Access({ permission: 'auth.read' })
  captcha(@CurrentProject() project: ProjectRecord) {
    return { data: captchaAnswer(this.use.configureCaptcha.read(project)) }
  }

  @Put('captcha')
  @Access({ permission: 'auth.write' })
  async setCaptcha(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Body(validated(SetCaptchaBody)) body: SetCaptchaBody,
  ) {
    return { data: captchaAnswer(await this.use.configureCaptcha.set(project, caller, body)) }
  }

  @Delete('captcha') @Access({ permission: 'auth.write' })
  async removeCaptcha(@CurrentProject() project: ProjectRecord, @Principal() caller: Caller) {
    await this.use.configureCaptcha.remove(project, caller)
    return { data: captchaAnswer(null) }
  }
}
