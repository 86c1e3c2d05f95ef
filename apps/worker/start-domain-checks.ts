import type { WorkerConfig } from '@portico/config/worker-config'
import type { PlatformSql } from '@portico/database/platform-sql'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectDirectory } from '@portico/database/project-directory'
import { ResendDomains } from '@portico/email/senders/resend-domains'
import { hostnameOf } from '@portico/http/request-host'
import type { Logger } from '@portico/http/request-log'
import type { Clock } from '@portico/kernel/clock'
import { CheckDomain } from '@portico/platform/domains/check-domain'
import { domainDns, type DomainDns } from '@portico/platform/domains/domain-dns'
import { IdpMetadata } from '@portico/end-user/sso/idp-metadata'
import { WatchCertificates } from '@portico/end-user/sso/watch-certificates'
import { systemEntropy } from '@portico/kernel/entropy'
import { GuardedHttp } from '@portico/outbound/guarded-http'
import { watchSsoCertificates } from './watch-sso-certificates.js'
import { checkOwnDomains } from './check-own-domains.js'
import { lookAtDomains } from './look-at-domains.js'
import { runPeriodically } from './periodic.js'

export interface DomainCheckTimes {
  /** Between two looks at domains of mail senders that are not verified yet. */
  domainsMs?: number | undefined
  /** Between two looks at which of the projects' own domains are due. */
  ownDomainsMs?: number | undefined
  dns?: DomainDns | undefined
  /** Between two looks at which SAML connections are due. */
  certificatesMs?: number | undefined
}

const MAIL_DOMAINS_MS = 20_000
const OWN_DOMAINS_MS = 5_000
const CERTIFICATES_MS = 60_000

/**
 * Looks whether what projects have published elsewhere is there, and how long it is good: in DNS, for the senders of their mail and for
 * their own domains; the certificates of identity providers.
 */
export function startDomainChecks(
  parts: { config: WorkerConfig; sql: PlatformSql; db: ProjectDb; directory: ProjectDirectory; clock: Clock; logger: Logger },
  { domainsMs = MAIL_DOMAINS_MS, ownDomainsMs = OWN_DOMAINS_MS, dns = domainDns, certificatesMs = CERTIFICATES_MS }: DomainCheckTimes,
): { stop(): Promise<unknown> } {
  const { config, sql, db, directory, clock, logger } = parts
  const resend = config.email?.kind === 'resend' ? new ResendDomains(config.email) : null
  const mail = runPeriodically('mail domains', domainsMs, logger, async (isStopping) => {
    if (resend) await lookAtDomains({ sql, clock, look: (id) => resend.look(id) }, isStopping)
  })
  const check = new CheckDomain(db, sql, directory, dns, clock, hostnameOf(config.dataPlanePublicUrl))
  const own = runPeriodically('own domains', ownDomainsMs, logger, (isStopping) =>
    checkOwnDomains({ sql, directory, check, clock, logger }, isStopping),
  )
  const outbound = new GuardedHttp({ allowLoopback: config.allowLoopbackProviders })
  const watch = new WatchCertificates(db, sql, directory, new IdpMetadata(outbound, clock), clock, systemEntropy)
  const certificates = runPeriodically('certificates', certificatesMs, logger, (isStopping) =>
    watchSsoCertificates({ sql, directory, watch, clock, logger }, isStopping),
  )
  return { stop: () => Promise.all([mail.stop(), own.stop(), certificates.stop()]) }
}
