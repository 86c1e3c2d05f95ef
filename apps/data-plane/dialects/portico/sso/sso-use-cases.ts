import type { SealedBox } from '@portico/crypto/sealed-box'
import type { ProjectDb } from '@portico/database/project-db'
import type { AuthUrls } from '@portico/end-user/project/auth-urls'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { DiscoverSso } from '@portico/end-user/sso/discover-sso'
import { FinishSso } from '@portico/end-user/sso/finish-sso'
import { FreshCertificates } from '@portico/end-user/sso/fresh-certificates'
import { IdpMetadata } from '@portico/end-user/sso/idp-metadata'
import { ReadServiceMetadata } from '@portico/end-user/sso/read-service-metadata'
import { StartSso } from '@portico/end-user/sso/start-sso'
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
export function makeSsoUseCases({ db, box, urls, outbound, clock, entropy }: Parts, client: OAuthClient, refusals: RefusedSignIns) {
  const certificates = new FreshCertificates(new IdpMetadata(outbound, clock))
  return {
    discoverSso: new DiscoverSso(db),
    startSso: new StartSso(db, client, box, urls, clock, entropy),
    finishSso: new FinishSso(db, client, box, urls, certificates, refusals, clock, entropy),
    readServiceMetadata: new ReadServiceMetadata(db, urls),
  }
}
