import type { PlatformSql } from '@portico/database/platform-sql'
import type { ResendDomain } from '@portico/email/senders/resend-domains'
import type { Clock } from '@portico/kernel/clock'
import { noteMailSender, pendingMailSenders } from '@portico/end-user/records/own-mail-sender.store'

const AT_ONCE = 100

/** Whether the domains of senders are verified by now; those that are send from then on. */
export async function lookAtDomains(
  parts: { sql: PlatformSql; clock: Clock; look: (id: string) => Promise<ResendDomain | null> },
  isStopping: () => boolean,
): Promise<void> {
  for (const sender of await pendingMailSenders(parts.sql, AT_ONCE)) {
    if (isStopping()) return
    const { domainId } = sender.config
    const domain = domainId === undefined ? null : await parts.look(domainId)
    if (!domain) continue
    const config = { ...sender.config, records: domain.records }
    await noteMailSender(parts.sql, sender, { state: domain.verified ? 'ready' : 'pending', config }, parts.clock.now())
  }
}
