import type { SealedBox } from '@portico/crypto/sealed-box'
import type { ProjectDb } from '@portico/database/project-db'
import type { EndUserLimits } from '@portico/end-user/end-user-limits'
import type { AuthUrls } from '@portico/end-user/project/auth-urls'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { ConnectionKeys } from '@portico/end-user/sso/connection-keys'
import { DiscoverSso } from '@portico/end-user/sso/discover-sso'
import { EndByIdentityProvider } from '@portico/end-user/sso/end-by-identity-provider'
import { FinishSso } from '@portico/end-user/sso/finish-sso'
import { FreshCertificates } from '@portico/end-user/sso/fresh-certificates'
import { IdentifyPerson } from '@portico/end-user/sso/identify-person'
import { IdpMetadata } from '@portico/end-user/sso/idp-metadata'
import { ReadServiceMetadata } from '@portico/end-user/sso/read-service-metadata'
import { StartSso } from '@portico/end-user/sso/start-sso'
import { TryConnection } from '@portico/end-user/sso/try-connection'
import type { AskHooks } from '@portico/end-user/steps/hooks/ask-hooks'
import type { RefusedSignIns } from '@portico/end-user/steps/refused-sign-ins'
import type { OAuthClient } from '@portico/oauth/oauth-client'
import type { GuardedHttp } from '@portico/outbound/guarded-http'

interface Parts {
  db: ProjectDb
  box: SealedBox
  urls: AuthUrls
  outbound: GuardedHttp
  clock: Clock
  entropy: Entropy
}

/** How people come in by the identity provider of their company. */
export function makeSsoUseCases(
  { db, box, urls, outbound, clock, entropy }: Parts,
  { client, refusals, hooks, limits }: { client: OAuthClient; refusals: RefusedSignIns; hooks: AskHooks; limits: EndUserLimits },
) {
  const keys = new ConnectionKeys(db, box)
  const certificates = new FreshCertificates(new IdpMetadata(outbound, clock))
  const identify = new IdentifyPerson(client, box, urls, keys, certificates, clock)
  const trial = new TryConnection(db, identify, clock, entropy)
  return {
    discoverSso: new DiscoverSso(db),
    startSso: new StartSso(db, client, box, keys, urls, clock, entropy),
    finishSso: new FinishSso(db, identify, trial, urls, refusals, hooks, clock, entropy),
    endByIdentityProvider: new EndByIdentityProvider(db, urls, keys, certificates, limits, clock, entropy),
    readServiceMetadata: new ReadServiceMetadata(db, urls),
  }
}
