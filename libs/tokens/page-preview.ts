import { pagePreviewContext } from '@portico/crypto/seal-context'
import type { SealedBox } from '@portico/crypto/sealed-box'
import { MINUTE_SECONDS } from '@portico/kernel/duration'
import type { Locale } from '@portico/kernel/locales'
import type { Branding } from '@portico/kernel/settings/branding'

export const PREVIEW_TTL_SECONDS = 10 * MINUTE_SECONDS

export const PREVIEWED_PAGES = [
  'sign-in',
  'sign-up',
  'forgot',
  'inbox',
  'second-step',
  'enrol',
  'recovery-codes',
  'organization',
  'account',
  'signed-out',
  'reset',
  'confirm',
  'invitation',
  'magic-link',
  'link-gone',
] as const
export type PreviewedPage = (typeof PREVIEWED_PAGES)[number]

/** One of our pages as it would look with a branding that is not saved. */
export interface PagePreview {
  page: PreviewedPage
  branding: Branding
  locale: Locale
  /** What the reader is taken to prefer. */
  scheme: 'light' | 'dark'
  /** Who may show it in a frame: the console that asked. */
  frame: string
}

/**
 * A sealed text that only an operator's call makes. Anybody could otherwise have a project's own address show a page with a name of their
 * choice.
 */
export function sealPagePreview(box: SealedBox, projectId: string, preview: PagePreview, expiresAt: Date): string {
  return box.seal(JSON.stringify({ ...preview, until: expiresAt.getTime() }), pagePreviewContext(projectId)).toString('base64url')
}

/** `null` for anything that is not a live one of this project. */
export function openPagePreview(box: SealedBox, projectId: string, ticket: string, now: Date): PagePreview | null {
  try {
    const text = box.open(Buffer.from(ticket, 'base64url'), pagePreviewContext(projectId)).toString('utf8')
    const { until, ...preview } = JSON.parse(text) as PagePreview & { until: number }
    return until > now.getTime() ? preview : null
  } catch {
    return null
  }
}
