import type { RelyingParty } from '@portico/authenticators/passkeys'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import { relyingPartyId } from '@portico/kernel/relying-party-id'
import type { AuthUrls } from '../../project/auth-urls.js'
import { listVerifiedDomains } from '../../records/domain.store.js'

/** The pages of a project: its site, its other origins, its verified domains. */
async function pagesOf(db: ProjectDb, project: ProjectRecord): Promise<{ origins: string[]; domains: string[] }> {
  const domains = await listVerifiedDomains(db, project)
  const { site_url: siteUrl, allowed_origins: allowed } = project.settings
  const own = siteUrl === null ? [] : [new URL(siteUrl).origin]
  return { origins: [...new Set([...own, ...allowed, ...domains.map((hostname) => `https://${hostname}`)])], domains }
}

/**
 * Whom passkeys of the project are for: `rp_id`, else the host of `site_url`, else the custom domain; used from any of its pages.
 * Never from a request: its headers are the caller's word. Throws `passkeys_not_configured`.
 */
export async function relyingPartyOf(db: ProjectDb, urls: AuthUrls, project: ProjectRecord): Promise<RelyingParty> {
  const { origins, domains } = await pagesOf(db, project)
  const id = relyingPartyId(project.settings, domains)
  if (id === null || origins.length === 0) throw new AuthError('passkeys_not_configured')
  const own = new URL(urls.pageOrigin)
  // Our own pages are among them where a browser lets them use the id at all (WebAuthn, 5.1.2: the same host or one above it).
  const ours = own.hostname === id || own.hostname.endsWith(`.${id}`)
  return { id, origins: ours ? [...origins, own.origin] : origins }
}

/** The same without throwing: today's relying party id, or `null`. */
export async function relyingPartyIdOf(db: ProjectDb, project: ProjectRecord): Promise<string | null> {
  return relyingPartyId(project.settings, (await pagesOf(db, project)).domains)
}

/** Every page of the project. */
export async function relatedOrigins(db: ProjectDb, project: ProjectRecord): Promise<{ origins: string[] }> {
  return { origins: (await pagesOf(db, project)).origins }
}
