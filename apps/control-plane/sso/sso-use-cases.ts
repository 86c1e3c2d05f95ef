import type { SealedBox } from '@portico/crypto/sealed-box'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { EmailDomains, type TxtRecords } from '@portico/end-user/organizations/email-domains'
import { ManageBreakGlass } from '@portico/end-user/sso/break-glass'
import { IdpMetadata } from '@portico/end-user/sso/idp-metadata'
import { ManageConnections } from '@portico/end-user/sso/manage-connections'
import { ServiceKeys } from '@portico/end-user/sso/service-keys'
import { SsoAttempts } from '@portico/end-user/sso/sso-attempts'
import { authUrl } from '@portico/kernel/auth-url'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { GuardedHttp } from '@portico/outbound/guarded-http'

export interface SsoParts {
  projectDb: ProjectDb
  box: SealedBox
  outbound: GuardedHttp
  domainDns: TxtRecords
  clock: Clock
  entropy: Entropy
  dataPlanePublicUrl: string
}

/** What operators do about single sign-on. */
export function makeSsoUseCases({ projectDb, box, outbound, domainDns, clock, entropy, dataPlanePublicUrl }: SsoParts) {
  return {
    manageConnections: new ManageConnections(projectDb, box, new IdpMetadata(outbound, clock), clock, entropy),
    serviceKeys: new ServiceKeys(projectDb, box, clock, entropy),
    ssoAttempts: new SsoAttempts(projectDb, clock, entropy),
    manageBreakGlass: new ManageBreakGlass(projectDb, clock),
    /** A project's `AUTH_URL`. */
    issuerOf: (project: ProjectRecord): string => authUrl(dataPlanePublicUrl, project.scope.projectId),
    emailDomains: new EmailDomains(projectDb, domainDns, clock, entropy),
  }
}
