import type { ProjectTx } from '@portico/database/project-db'
import { AuthError } from '@portico/kernel/auth-error'
import { relyingPartyId } from '@portico/kernel/relying-party-id'
import type { ProjectSettings } from '@portico/kernel/settings/project-settings'
import { countStranded, STRANDED_BOUND, verifiedDomains, type WaysIn } from '../records/stranded-people.store.js'

type Settings = Pick<ProjectSettings, 'providers' | 'rp_id' | 'site_url'>

const waysIn = (settings: Settings, domains: readonly string[]): WaysIn => ({
  providers: settings.providers,
  rpId: relyingPartyId(settings, domains),
})

/** Whoever has an address can sign in. */
const byMail = ({ providers }: WaysIn): boolean => providers.includes('magic_link') || providers.includes('email_otp')

/**
 * Answers how many people lose their only way in, and throws unless that is wanted. Passkeys belong to a domain (WebAuthn, 5.1.3): with
 * another relying party none works any more, which is `passkeys_stranded`; all else is `users_stranded`. `field` is what the caller
 * changes.
 */
async function refuse(
  tx: ProjectTx,
  before: WaysIn,
  after: WaysIn,
  { field, force, how }: { field: string; force: boolean; how: string },
): Promise<number> {
  const lost = before.providers.filter((provider) => !after.providers.includes(provider))
  const movesPasskeys = before.rpId !== null && before.rpId !== after.rpId
  if ((lost.length === 0 && !movesPasskeys) || byMail(after)) return 0
  const people = await countStranded(tx, { ...before, mailed: byMail(before) }, after)
  if (people === 0 || force) return people
  const whatIsLost = movesPasskeys ? 'a passkey for the domain of now' : lost.join(' or ')
  const who = people === 1 ? '1 person has' : people < STRANDED_BOUND ? `${people} people have` : `${people} people or more have`
  const message = `${who} no way in but ${whatIsLost}. Send ${how}.`
  throw new AuthError(movesPasskeys ? 'passkeys_stranded' : 'users_stranded', {
    message,
    details: [{ field, code: 'strands_people', message }],
  })
}

/** Of a change of settings. */
export async function refuseStranding(tx: ProjectTx, before: ProjectSettings, after: ProjectSettings, force: boolean): Promise<number> {
  const domains = await verifiedDomains(tx)
  const field = before.rp_id !== after.rp_id ? 'rp_id' : before.site_url !== after.site_url ? 'site_url' : 'providers'
  return refuse(tx, waysIn(before, domains), waysIn(after, domains), { field, force, how: 'force: true to change it all the same' })
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
  const left = domains.filter((domain) => domain !== removed)
  const how = 'force=true to remove it all the same'
  return refuse(tx, waysIn(settings, domains), waysIn(settings, left), { field: 'force', force, how })
}

/** Of the removal of a provider's configuration, while it is still there. */
export async function refuseStrandingByProvider(
  tx: ProjectTx,
  settings: ProjectSettings,
  provider: string,
  force: boolean,
): Promise<number> {
  const before = waysIn(settings, await verifiedDomains(tx))
  const after = { ...before, providers: before.providers.filter((each) => each !== provider) }
  return refuse(tx, before, after, { field: 'force', force, how: 'force=true to remove it all the same' })
}
