import { Webhook } from 'lucide-react'
import { PERMISSIONS } from '../../api/permissions.js'
import type { PageDescriptor } from '../../shell/page-descriptor.js'

export const page: PageDescriptor = {
  path: '/projects/$projectId/webhooks/$webhookId',
  title: 'Webhook',
  section: 'none',
  icon: Webhook,
  order: 76,
  permission: PERMISSIONS.readWebhooks,
  load: () => import('./webhook.js'),
}
