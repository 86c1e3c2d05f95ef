import type { SealedBox } from '@portico/crypto/sealed-box'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import { authUrl } from '@portico/kernel/auth-url'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds } from '@portico/kernel/duration'
import type { Locale } from '@portico/kernel/locales'
import type { Branding } from '@portico/kernel/settings/branding'
import { PREVIEW_TTL_SECONDS, sealPagePreview, type PreviewedPage } from '@portico/tokens/page-preview'

export interface WantedPreview {
  page: PreviewedPage
  /** `null`: as it is saved. */
  branding: Branding | null
  /** `null`: the project's. */
  locale: Locale | null
  scheme: 'light' | 'dark'
}

/** An address at which the data plane shows one of its pages with a look that is not saved; the console puts it in a frame. */
export class PreviewPage {
  constructor(
    private readonly box: SealedBox,
    private readonly clock: Clock,
    private readonly urls: { console: string; dataPlane: string },
  ) {}

  execute(project: ProjectRecord, { page, branding, locale, scheme }: WantedPreview): { url: string; expiresAt: Date } {
    if (project.firstEnabledAt === null) throw new AuthError('auth_not_enabled')
    const { projectId } = project.scope
    const { settings } = project
    const expiresAt = addSeconds(this.clock.now(), PREVIEW_TTL_SECONDS)
    const preview = {
      page,
      scheme,
      branding: branding ?? settings.branding,
      locale: locale ?? settings.default_locale,
      frame: new URL(this.urls.console).origin,
    }
    const ticket = sealPagePreview(this.box, projectId, preview, expiresAt)
    return { url: `${authUrl(this.urls.dataPlane, projectId)}/preview?${new URLSearchParams({ ticket })}`, expiresAt }
  }
}
