import type { PlatformSql } from '@portico/database/platform-sql'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectDirectory } from '@portico/database/project-directory'
import { hostnameOf } from '@portico/http/request-host'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { AddDomain } from '@portico/platform/domains/add-domain'
import { CheckDomain } from '@portico/platform/domains/check-domain'
import type { DomainDns } from '@portico/platform/domains/domain-dns'
import { HandOverDomain } from '@portico/platform/domains/hand-over-domain'
import { ListDomains } from '@portico/platform/domains/list-domains'
import { MakeMainDomain } from '@portico/platform/domains/make-main-domain'
import { RemoveDomain } from '@portico/platform/domains/remove-domain'
import { VerifyDomain } from '@portico/platform/domains/verify-domain'

export interface DomainParts {
  projectDb: ProjectDb
  platformSql: PlatformSql
  directory: ProjectDirectory
  domainDns: DomainDns
  clock: Clock
  entropy: Entropy
  publicUrl: string
  dataPlanePublicUrl: string
}

/** Domains of projects: proved by TXT, pointing at the data plane, one of them the main one. */
export function makeDomainUseCases(parts: DomainParts) {
  const { projectDb, platformSql, directory, domainDns, clock, entropy, publicUrl, dataPlanePublicUrl } = parts
  const ownHosts = [publicUrl, dataPlanePublicUrl].map(hostnameOf)
  const domainTarget = hostnameOf(dataPlanePublicUrl)
  return {
    addDomain: new AddDomain(projectDb, clock, entropy, ownHosts, domainTarget),
    listDomains: new ListDomains(projectDb, domainTarget),
    verifyDomain: new VerifyDomain(new CheckDomain(projectDb, platformSql, directory, domainDns, clock, domainTarget)),
    makeMainDomain: new MakeMainDomain(projectDb, directory, clock, domainTarget),
    handOverDomain: new HandOverDomain(projectDb, directory, clock),
    removeDomain: new RemoveDomain(projectDb, directory, clock),
  }
}
