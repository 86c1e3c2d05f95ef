import type { FlowCookie } from '../../pages/flow-cookie.js'
import type { HostedPages } from '../../pages/hosted/hosted-pages.js'
import type { MailDelivery } from './email/mail-delivery.js'
import type { CanonicalHost } from './oauth/canonical-host.js'
import type { SessionTransport } from './session/session-transport.js'

/** What the routes of this dialect share beside the use cases: how sessions travel, and what is said of mail. */
export interface Door {
  transport: SessionTransport
  mail: MailDelivery
  flowCookie: FlowCookie
  canonicalHost: CanonicalHost
  /** For what a browser lands on. */
  pages: HostedPages
}
