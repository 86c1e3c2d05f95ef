import type { components } from './generated.js'
import type { NumberedPages } from './page.js'

export type WebhookDeliveryQuery = Omit<components['schemas']['ListWebhookDeliveriesQuery'], NumberedPages>

export type WebhookReplay = components['schemas']['WebhookReplay']

export interface WebhookRange {
  since: string | Date
  /** Now, when absent. */
  until?: string | Date
}
