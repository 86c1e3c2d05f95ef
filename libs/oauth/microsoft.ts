import type { Claims, ProviderConfig } from './provider.js'

const ROOT = 'https://login.microsoftonline.com'
/** The directory of personal accounts; `consumers` is its name in paths, and never stands in a token. */
const CONSUMERS = '9188040d-6c67-4c5b-b112-36a304b66dad'
const GUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const TENANT_ISSUER = new RegExp(`^${ROOT.replaceAll('.', '\\.')}/(${GUID})/v2\\.0$`)
const TENANT_ID = new RegExp(`^${GUID}$`)

/** What the metadata for many tenants name as their issuer. */
export const MICROSOFT_TEMPLATE = `${ROOT}/{tenantid}/v2.0`

const tenantOf = (config: ProviderConfig): string => config.options.tenant ?? 'common'
const issuerOf = (tenantId: string): string => `${ROOT}/${tenantId}/v2.0`

export const microsoftDiscovery = (config: ProviderConfig): string => `${ROOT}/${tenantOf(config)}/v2.0/.well-known/openid-configuration`

/** Null for a domain name that has not been resolved yet: then the metadata say which tenant it is. */
export function microsoftIssuer(config: ProviderConfig): string | null {
  const tenant = tenantOf(config)
  if (tenant === 'common' || tenant === 'organizations') return MICROSOFT_TEMPLATE
  if (tenant === 'consumers') return issuerOf(CONSUMERS)
  if (TENANT_ID.test(tenant)) return issuerOf(tenant)
  const tenantId = config.options.tenantId
  return tenantId === undefined ? null : issuerOf(tenantId)
}

/** Whether the tenant is named by a domain, which may point to another directory some day. */
export function isMicrosoftDomain(config: ProviderConfig): boolean {
  return config.provider === 'microsoft' && tenantOf(config).includes('.')
}

/** The GUID in the issuer of one tenant; `null` for anything else. */
export function microsoftTenantId(issuer: string): string | null {
  return TENANT_ISSUER.exec(issuer)?.[1] ?? null
}

/** The issuer that a token must name when the metadata serve many tenants: that of the tenant it says it comes from. */
export function microsoftTokenIssuer(config: ProviderConfig, claims: Claims): string | undefined {
  const tenantId = claims['tid']
  if (typeof tenantId !== 'string' || !TENANT_ID.test(tenantId)) return undefined
  return tenantId === CONSUMERS && tenantOf(config) === 'organizations' ? undefined : issuerOf(tenantId)
}

/**
 * Personal accounts sign in with an address that Microsoft itself checked. In work directories any administrator can write any address into
 * `email`; only `xms_edov` says that its domain was proven.
 */
export function microsoftVouches(claims: Claims): boolean {
  const edov = claims['xms_edov']
  return edov === true || edov === 1 || edov === '1' || edov === 'true' || claims['tid'] === CONSUMERS
}
