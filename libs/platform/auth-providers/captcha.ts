import { providerSecretContext } from '@portico/crypto/seal-context'
import type { SealedBox } from '@portico/crypto/sealed-box'
import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectDirectory, ProjectRecord } from '@portico/database/project-directory'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { captchaSetting } from '@portico/kernel/settings/kinds'
import type { ProjectSettings } from '@portico/kernel/settings/project-settings'
import { mergeSettings } from '@portico/kernel/settings/read-settings'
import { doneBy } from '../audit-actor.js'
import { lockService, saveService } from '../records/auth-service.store.js'
import type { Caller } from '../caller.js'
import { deleteProviderConfig, findProviderConfig, putProviderConfig } from '../records/provider-config.store.js'

/** The captcha's secret stands among those of the providers under this name. */
const CAPTCHA = 'captcha'

export interface Captcha {
  provider: NonNullable<ProjectSettings['captcha']>['provider']
  siteKey: string
}

export interface CaptchaInput extends Captcha {
  secret?: string | undefined
}

/** Which captcha the project asks for. Site key and secret change together, so that there is never one without the other. */
export class ConfigureCaptcha {
  constructor(
    private readonly db: ProjectDb,
    private readonly box: SealedBox,
    private readonly directory: ProjectDirectory,
    private readonly clock: Clock,
  ) {}

  read(project: ProjectRecord): Captcha | null {
    const { captcha } = project.settings
    return captcha && { provider: captcha.provider, siteKey: captcha.site_key }
  }

  async set(project: ProjectRecord, caller: Caller, input: CaptchaInput): Promise<Captcha> {
    const { projectId } = project.scope
    const now = this.clock.now()
    await this.db.transaction(project.scope, async (tx) => {
      const service = await lockService(tx)
      const before = await findProviderConfig(tx, CAPTCHA)
      const kept = before?.clientId === input.siteKey ? before.secretSealed : null
      const secretSealed = input.secret === undefined ? kept : this.box.seal(input.secret, providerSecretContext(projectId, CAPTCHA))
      if (secretSealed === null) throw invalidField('secret', 'required', 'This field is required.')
      await putProviderConfig(
        tx,
        { provider: CAPTCHA, clientId: input.siteKey, secretSealed, issuer: null, scopes: null, options: {} },
        now,
      )
      await saveService(
        tx,
        { ...service, settings: mergeSettings(service.settings, { captcha: captchaSetting(input.provider, input.siteKey) }) },
        false,
        now,
      )
      await recordAudit(tx, { ...doneBy(caller), action: 'auth.captcha_configured', resource: 'captcha', resourceId: input.provider }, now)
    })
    this.directory.invalidate(projectId)
    return { provider: input.provider, siteKey: input.siteKey }
  }

  async remove(project: ProjectRecord, caller: Caller): Promise<void> {
    const now = this.clock.now()
    await this.db.transaction(project.scope, async (tx) => {
      const service = await lockService(tx)
      if (!(await deleteProviderConfig(tx, CAPTCHA))) throw new AuthError('not_found')
      await saveService(tx, { ...service, settings: mergeSettings(service.settings, { captcha: null }) }, false, now)
      await recordAudit(tx, { ...doneBy(caller), action: 'auth.captcha_removed', resource: 'captcha', resourceId: null }, now)
    })
    this.directory.invalidate(project.scope.projectId)
  }
}
