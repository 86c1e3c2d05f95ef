import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { invalidField } from '@portico/kernel/auth-error'
import { isAllowedRedirect } from '@portico/kernel/redirect-url'
import { RETURN_PATHS, type AuthUrls } from '../project/auth-urls.js'
import { listVerifiedDomains } from '../records/domain.store.js'

/**
 * Whether a sign-in may lead there: to one of the project's redirect URLs, or back to its own sign-in page, which is a client like any app:
 * it holds the verifier of its challenge in a cookie.
 */
export async function mayLeadTo(db: ProjectDb, urls: AuthUrls, project: ProjectRecord, wanted: string): Promise<boolean> {
  return isAllowedRedirect(project.settings, wanted) || isOwnReturnPage(db, urls, project, wanted)
}

/** Throws `validation_error` unless it may. */
export async function checkLeadsTo(db: ProjectDb, urls: AuthUrls, project: ProjectRecord, wanted: string | undefined): Promise<void> {
  if (wanted === undefined || (await mayLeadTo(db, urls, project, wanted))) return
  throw invalidField('redirectTo', 'not_allowed', 'This is not one of the redirect URLs of the project.')
}

export async function isOwnReturnPage(db: ProjectDb, urls: AuthUrls, project: ProjectRecord, wanted: string): Promise<boolean> {
  if (!URL.canParse(wanted)) return false
  const url = new URL(wanted)
  // As the parser writes it, so that no reader downstream parses another address from it.
  if (url.href !== wanted || url.username !== '' || url.password !== '' || url.hash !== '') return false
  const page = `${url.origin}${url.pathname}`
  if (urls.returnPages(project).includes(page)) return true
  return url.protocol === 'https:' && RETURN_PATHS.includes(url.pathname) && (await listVerifiedDomains(db, project)).includes(url.host)
}
