import type { SealedBox } from '@portico/crypto/sealed-box'
import type { ProjectDb } from '@portico/database/project-db'
import { EmailDomains, type TxtRecords } from '@portico/end-user/organizations/email-domains'
import { ManageSetupLinks } from '@portico/end-user/setup-links/manage-setup-links'
import { ConnectionsOf } from '@portico/end-user/sso/connections-of'
import { SetUpDirectory } from '@portico/end-user/setup-links/set-up-directory'
import { ManageDirectories } from '@portico/end-user/directory/manage-directories'
import { ManageDirectoryTokens } from '@portico/end-user/directory/manage-directory-tokens'
import { HoldSetupLink } from '@portico/end-user/setup-links/hold-setup-link'
import { SetUpConnection } from '@portico/end-user/setup-links/set-up-connection'
import { IdpMetadata } from '@portico/end-user/sso/idp-metadata'
import { ManageConnections } from '@portico/end-user/sso/manage-connections'
import { SsoAttempts } from '@portico/end-user/sso/sso-attempts'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { GuardedHttp } from '@portico/outbound/guarded-http'

interface Parts {
  db: ProjectDb
  box: SealedBox
  outbound: GuardedHttp
  txtRecords: TxtRecords
  clock: Clock
  entropy: Entropy
}

export type SetupUseCases = ReturnType<typeof makeSetupUseCases>

/** What the holder of a set-up link does, and whoever may make one. */
export function makeSetupUseCases({ db, box, outbound, txtRecords, clock, entropy }: Parts) {
  const connections = new ManageConnections(db, box, new IdpMetadata(outbound, clock), clock, entropy)
  const emailDomains = new EmailDomains(db, txtRecords, clock, entropy)
  return {
    emailDomains,
    connectionsOf: new ConnectionsOf(db),
    setupLinks: new ManageSetupLinks(db, clock, entropy),
    setUpDirectory: new SetUpDirectory(
      db, new ManageDirectories(db, clock, entropy), new ManageDirectoryTokens(db, clock, entropy), clock,
    ),
    holdSetupLink: new HoldSetupLink(db, clock),
    setUpConnection: new SetUpConnection(db, connections, emailDomains, new SsoAttempts(db, clock, entropy), clock),
  }
}
