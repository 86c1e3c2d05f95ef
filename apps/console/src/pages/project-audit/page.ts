import { ScrollText } from 'lucide-react'
import { PERMISSIONS } from '../../api/permissions.js'
import type { PageDescriptor } from '../../shell/page-descriptor.js'

export const page: PageDescriptor = {
  path: '/projects/$projectId/audit',
  title: 'Audit',
  section: 'project',
  icon: ScrollText,
  order: 80,
  permission: PERMISSIONS.readAudit,
  // The same page: it takes the project from the address.
  load: () => import('../audit/audit.js'),
}
