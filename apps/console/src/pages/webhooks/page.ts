import { Webhook } from 'lucide-react'
import { PERMISSIONS } from '../../api/permissions.js'
import type { PageDescriptor } from '../../shell/page-descriptor.js'

export const page: PageDescriptor = {
  path: '/projects/$projectId/webhooks',
  title: 'Webhooks',
  section: 'project',
  icon: Webhook,
  order: 75,
  permission: PERMISSIONS.readWebhooks,
  load: () => import('./webhooks.js'),
}
