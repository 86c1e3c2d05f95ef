import { Webhook } from 'lucide-react'
import { PERMISSIONS } from '../../api/permissions.js'
import type { PageDescriptor } from '../../shell/page-descriptor.js'

export const page: PageDescriptor = {
  path: '/webhooks/$webhookId',
  title: 'Webhook',
  section: 'none',
  icon: Webhook,
  order: 131,
  permission: PERMISSIONS.readWebhooks,
  load: () => import('../webhook/webhook.js'),
}
