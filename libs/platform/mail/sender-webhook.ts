import { mailSenderContext } from '@portico/crypto/seal-context'
import type { SealedBox } from '@portico/crypto/sealed-box'
import type { ProjectDirectory } from '@portico/database/project-directory'
import { parseId } from '@portico/kernel/ids'
import { ownerId, type MailSenderStore, type SenderOwner } from '../records/mail-sender.store.js'
import { unpackSecret } from './sender-secret.js'
import type { DeliveryReport, TakeDeliveryReport } from './take-delivery-report.js'

/** Reports of a project's or a tenant's own account at Resend, signed with a secret of their own. */
export class SenderWebhook {
  constructor(
    private readonly store: MailSenderStore,
    private readonly box: SealedBox,
    private readonly directory: ProjectDirectory,
    private readonly reports: TakeDeliveryReport,
  ) {}

  /** Whose webhook this is, by the id in its address, and what its reports are signed with; `null`: nobody's. */
  async find(id: string): Promise<{ owner: SenderOwner; secret: string } | null> {
    const owner = await this.#ownerOf(id)
    const sender = owner && (await this.store.find(owner))
    if (!owner || !sender?.secretSealed) return null
    const sealed = this.box.open(sender.secretSealed, mailSenderContext(ownerId(owner), sender.id)).toString('utf8')
    const { webhookSecret } = unpackSecret(sender.kind, sealed)
    return webhookSecret === null ? null : { owner, secret: webhookSecret }
  }

  /** Who holds the secret speaks of their own mails alone: what a report says of another project's changes nothing. */
  async take(owner: SenderOwner, report: DeliveryReport): Promise<void> {
    const project = await this.directory.resolve(report.projectId)
    const own = owner.kind === 'project' ? owner.scope.projectId === report.projectId : project?.scope.tenantId === owner.tenantId
    if (own) await this.reports.execute(report)
  }

  async #ownerOf(id: string): Promise<SenderOwner | null> {
    const tenantId = id.startsWith('tnt_') ? parseId('tnt', id) : null
    if (tenantId !== null) return { kind: 'tenant', tenantId }
    const projectId = parseId('proj', id)
    const project = projectId === null ? null : await this.directory.resolve(projectId)
    return project && { kind: 'project', scope: project.scope }
  }
}
