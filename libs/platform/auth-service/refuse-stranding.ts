import type { ProjectTx } from '@portico/database/project-db'
import { AuthError } from '@portico/kernel/auth-error'
import { relyingPartyId } from '@portico/kernel/relying-party-id'
import type { ProjectSettings } from '@portico/kernel/settings/project-settings'
import { countStranded, countStrandedByProvider, verifiedDomains } from '../records/stranded-passkeys.store.js'

interface RelyingParty {
  settings: ProjectSettings
  /** Verified custom domains. */
  domains: readonly string[]
}

/**
 * Passkeys belong to a domain (WebAuthn, 5.1.3): with another relying party none works any more. Answers how many people have no other way
 * in, and throws `passkeys_stranded` unless that is wanted. `field` is what the caller changes.
 */
async function refuse(
  tx: ProjectTx,
  before: RelyingParty,
  after: RelyingParty,
  { field, force }: { field: string; force: boolean },
): Promise<number> {
  const { providers } = after.settings
  const [from, to] = [relyingPartyId(before.settings, before.domains), relyingPartyId(after.settings, after.domains)]
  // Every user can sign in by mail.
  if (from === null || from === to || providers.includes('magic_link') || providers.includes('email_otp')) return 0
  const people = await countStranded(tx, { from, to, providers })
  if (people === 0 || force) return people
  const message = `${people} ${people === 1 ? 'person has' : 'people have'} no way in but a passkey for the domain of now. Send force: true to change it all the same.`
  throw new AuthError('passkeys_stranded', { message, details: [{ field, code: 'strands_people', message }] })
}

/** Of a change of settings. */
export async function refuseStranding(tx: ProjectTx, before: ProjectSettings, after: ProjectSettings, force: boolean): Promise<number> {
  if (before.rp_id === after.rp_id && before.site_url === after.site_url) return 0
  const domains = await verifiedDomains(tx)
  return refuse(
    tx,
    { settings: before, domains },
    { settings: after, domains },
    { field: before.rp_id === after.rp_id ? 'site_url' : 'rp_id', force },
  )
}

/**
 * Of the removal of a custom domain, which is the relying party where neither `rp_id` nor `site_url` says another. `domains` is before the
 * removal.
 */
export async function refuseStrandingByDomain(
  tx: ProjectTx,
  settings: ProjectSettings,
  domains: readonly string[],
  removed: string,
  force: boolean,
): Promise<number> {
  return refuse(tx, { settings, domains }, { settings, domains: domains.filter((domain) => domain !== removed) }, { field: 'force', force })
}

/** Of the removal of a provider that is on. Answers how many people have no other way in; throws `users_stranded` unless that is wanted. */
export async function refuseStrandingByProvider(
  tx: ProjectTx,
  settings: ProjectSettings,
  provider: string,
  force: boolean,
): Promise<number> {
  const { providers } = settings
  if (!providers.includes(provider) || providers.includes('magic_link') || providers.includes('email_otp')) return 0
  const people = await countStrandedByProvider(tx, { provider, rpId: relyingPartyId(settings, await verifiedDomains(tx)), providers })
  if (people === 0 || force) return people
  const message = `${people} ${people === 1 ? 'person has' : 'people have'} no way in but ${provider}. Send force=true to remove it all the same.`
  throw new AuthError('users_stranded', { message, details: [{ field: 'force', code: 'strands_people', message }] })
}
