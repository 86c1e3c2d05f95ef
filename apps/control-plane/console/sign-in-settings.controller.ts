import { Body, Controller, Get, Inject, Patch, Query } from '@nestjs/common'
import { Access, Principal } from '@portico/http/access'
import { validatedQuery } from '@portico/http/validated'
import { invalidField } from '@portico/kernel/auth-error'
import type { SettingsOverrides } from '@portico/kernel/settings/read-settings'
import type { Caller } from '@portico/platform/caller'
import { ChangeAuthQuery } from '../auth-service/auth-service.body.js'
import { settingsAndForce } from '../auth-service/settings-and-force.js'
import { settingsPreviewAnswer } from '../auth-service/settings-preview.answer.js'
import { jsonObject } from '../http/json-object.js'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'

/** How the people of the console sign in; their project is in no list and has no other route. */
@Controller('api/v1/console/sign-in-settings')
export class SignInSettingsController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Get() @Access({ permission: 'settings.users.manage' })
  async read() {
    return { data: this.#answer(await this.use.consoleSignIn.read()) }
  }

  @Patch() @Access({ permission: 'settings.users.manage' })
  async change(
    @Principal() caller: Caller,
    @Body(jsonObject) body: Record<string, unknown>,
    @Query(validatedQuery(ChangeAuthQuery)) query: ChangeAuthQuery,
  ) {
    const [settings, force] = settingsAndForce(body)
    this.#refuseFixed(settings)
    if (query.dryRun) return { data: settingsPreviewAnswer(await this.use.consoleSignIn.preview(settings, force)) }
    return { data: this.#answer(await this.use.consoleSignIn.change(caller, settings, force)) }
  }

  #answer(settings: object) {
    return { settings, fixed: this.use.console.fixedSettings }
  }

  #refuseFixed(settings: SettingsOverrides): void {
    const fixed = this.use.console.fixedSettings.find((name) => Object.hasOwn(settings, name))
    if (fixed !== undefined) throw invalidField(fixed, 'fixed', 'For the console this follows from its configuration.')
  }
}
