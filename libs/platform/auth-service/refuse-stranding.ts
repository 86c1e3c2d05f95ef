import type { ProjectTx } from '@portico/database/project-db'
import { AuthError } from '@portico/kernel/auth-error'
import { relyingPartyId } from '@portico/kernel/relying-party-id'
import type { ProjectSettings } from '@portico/kernel/settings/project-settings'
import { countStranded, verifiedDomains } from '../records/stranded-passkeys.store.js'

/**
 * Passkeys belong to a domain (WebAuthn, 5.1.3): with another relying party none works any more. Answers how many people have no other way
 * in, and throws `passkeys_stranded` unless that is wanted.
 */
export async function refuseStranding(tx: ProjectTx, before: ProjectSettings, after: ProjectSettings, force: boolean): Promise<number> {
  if (before.rp_id === after.rp_id && before.site_url === after.site_url) return 0
  const domains = await verifiedDomains(tx)
  const [from, to] = [relyingPartyId(before, domains), relyingPartyId(after, domains)]
  // Every user can sign in by mail.
  if (from === null || from === to || after.providers.includes('magic_link') || after.providers.includes('email_otp')) return 0
  const people = await countStranded(tx, { from, to, providers: after.providers })
  if (people === 0 || force) return people
  const message = `${people} ${people === 1 ? 'person has' : 'people have'} no way in but a passkey for the domain of now. Send force: true to change it all the same.`
  throw new AuthError('passkeys_stranded', { message, details: [{ field: before.rp_id === after.rp_id ? 'site_url' : 'rp_id', code: 'strands_people', message }] })
}
