import { Webhook } from 'lucide-react'
import { PERMISSIONS } from '../../api/permissions.js'
import type { PageDescriptor } from '../../shell/page-descriptor.js'

/** Of all projects: the same page as in one of them. */
export const page: PageDescriptor = {
  path: '/webhooks',
  title: 'Webhooks',
  section: 'team',
  icon: Webhook,
  order: 130,
  permission: PERMISSIONS.readWebhooks,
  load: () => import('../webhooks/webhooks.js'),
}
