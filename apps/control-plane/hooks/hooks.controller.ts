import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Put } from '@nestjs/common'
import type { ProjectScope } from '@portico/database/project-scope'
import { Access, Principal, Project } from '@portico/http/access'
import { validated } from '@portico/http/validated'
import { AuthError } from '@portico/kernel/auth-error'
import { isHookName, type HookName } from '@portico/kernel/hooks'
import type { Caller } from '@portico/platform/caller'
import { wholeListAnswer } from '../http/page-answer.js'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { hookAnswer, hookSecretAnswer, hookTestAnswer } from './hook.answer.js'
import { SetHookBody } from './hook.body.js'

/** What is no hook names nothing: 404. */
const hookName = {
  transform(text: string): HookName {
    if (!isHookName(text)) throw new AuthError('not_found')
    return text
  },
}

@Controller('api/v1/projects/:projectId/hooks')
export class HooksController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Get() @Access({ permission: 'auth.read' })
  async list(@Project() scope: ProjectScope) {
    return wholeListAnswer((await this.use.hooks.list(scope)).map(hookAnswer))
  }

  @Put(':hook') @Access({ permission: 'auth.write' })
  async set(
    @Project() scope: ProjectScope,
    @Principal() caller: Caller,
    @Param('hook', hookName) name: HookName,
    @Body(validated(SetHookBody)) { url, on_failure: onFailure, enabled }: SetHookBody,
  ) {
    return { data: hookSecretAnswer(await this.use.hooks.set(scope, caller, name, { url, onFailure, enabled })) }
  }

  @Delete(':hook') @Access({ permission: 'auth.write' })
  async remove(@Project() scope: ProjectScope, @Principal() caller: Caller, @Param('hook', hookName) name: HookName) {
    await this.use.hooks.remove(scope, caller, name)
    return { data: { id: name, deleted: true } }
  }

  @Post(':hook/secret/rotate') @HttpCode(200) @Access({ permission: 'auth.write' })
  async rotateSecret(@Project() scope: ProjectScope, @Principal() caller: Caller, @Param('hook', hookName) name: HookName) {
    return { data: hookSecretAnswer(await this.use.hooks.rotateSecret(scope, caller, name)) }
  }

  @Post(':hook/test') @HttpCode(200) @Access({ permission: 'auth.write' })
  async test(@Project() scope: ProjectScope, @Param('hook', hookName) name: HookName) {
    return { data: hookTestAnswer(await this.use.testHook.execute(scope, name)) }
  }
}
