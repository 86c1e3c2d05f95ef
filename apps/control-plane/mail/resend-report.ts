import { isUuid } from '@portico/kernel/ids'
import type { DeliveryReport } from '@portico/platform/mail/take-delivery-report'

const DELIVERIES: Readonly<Record<string, DeliveryReport['delivery']>> = {
  'email.delivery_delayed': 'delayed',
  'email.delivered': 'delivered',
  'email.bounced': 'bounced',
  'email.complained': 'complained',
}

/** Resend's webhook body; `null` for what says nothing of a mail of ours, such as an opened mail or one that another system sent. */
export function readResendReport(body: unknown): DeliveryReport | null {
  const { type, data } = record(body)
  const delivery = typeof type === 'string' ? DELIVERIES[type] : undefined
  const { email_id: providerId, tags, to, bounce } = record(data)
  const { portico_project: projectId, portico_mail: mailId } = readTags(tags)
  if (!delivery || typeof providerId !== 'string' || !isText(projectId) || !isText(mailId) || !isUuid(projectId) || !isUuid(mailId))
    return null
  const { type: bounceType, subType, message } = record(bounce)
  const recipient: unknown = Array.isArray(to) ? to[0] : to
  // A full mailbox or a busy server is transient: the address itself is good.
  const final = delivery === 'complained' || (delivery === 'bounced' && bounceType === 'Permanent')
  return {
    projectId,
    mailId,
    providerId,
    delivery,
    reason: isText(bounceType) ? snake(`${bounceType}${isText(subType) ? `_${subType}` : ''}`) : null,
    detail: isText(message) ? message : null,
    unreachable: final && isText(recipient) ? recipient : null,
  }
}

/** Sent as a list of names and values, answered as an object. */
function readTags(tags: unknown): Record<string, unknown> {
  if (!Array.isArray(tags)) return record(tags)
  return Object.fromEntries(tags.map(record).flatMap(({ name, value }) => (isText(name) ? [[name, value]] : [])))
}

const isText = (value: unknown): value is string => typeof value === 'string'
const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
const snake = (text: string) =>
  text
    .replace(/[^A-Za-z_]/g, '')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .slice(0, 60)
