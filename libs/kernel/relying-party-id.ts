import { isIP } from 'node:net'

/**
 * Whom passkeys are for: `rp_id`, else the host of `site_url`, else the custom domain that was proved first: a later proof moves nobody's
 * passkeys. `null` when that is no domain name:
 * an IP address cannot be a relying party (WebAuthn, 5.1.2), `localhost` can.
 */
export function relyingPartyId(settings: { rp_id: string | null; site_url: string | null }, domains: readonly string[]): string | null {
  const id = settings.rp_id ?? (settings.site_url === null ? domains[0] : new URL(settings.site_url).hostname.replace(/\.$/, ''))
  return id === undefined || id.startsWith('[') || isIP(id) !== 0 ? null : id
}
