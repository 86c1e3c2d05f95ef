import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectDirectory } from '@portico/database/project-directory'
import type { Clock } from '@portico/kernel/clock'
import { parseEmailAddress } from '@portico/kernel/email-address'
import { outsideText } from '@portico/kernel/outside-text'
import { noteDelivery } from '../records/mail.store.js'

/** What a provider says became of a mail, read from its own form. */
export interface DeliveryReport {
  projectId: string
  mailId: string
  providerId: string
  delivery: 'delayed' | 'delivered' | 'bounced' | 'complained'
  reason: string | null
  detail: string | null
  /** Whom no other mail would reach either. */
  unreachable: string | null
}

const MAX_DETAIL = 200

/** Notes what became of a mail. One that is unknown, or was taken by another provider, changes nothing. */
export class TakeDeliveryReport {
  constructor(
    private readonly db: ProjectDb,
    private readonly directory: ProjectDirectory,
    private readonly clock: Clock,
  ) {}

  async execute(report: DeliveryReport): Promise<void> {
    const project = await this.directory.resolve(report.projectId)
    if (!project) return
    const { mailId, providerId, delivery, reason } = report
    const detail = outsideText(report.detail, MAX_DETAIL)
    const suppress = report.unreachable === null ? null : (parseEmailAddress(report.unreachable)?.normalised ?? null)
    await noteDelivery(this.db, project.scope, { mailId, providerId, delivery, reason, detail, suppress, now: this.clock.now() })
  }
}
