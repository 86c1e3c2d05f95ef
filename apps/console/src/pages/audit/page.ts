import { ScrollText } from 'lucide-react'
import { PERMISSIONS } from '../../api/permissions.js'
import type { PageDescriptor } from '../../shell/page-descriptor.js'

export const page: PageDescriptor = {
  path: '/audit',
  title: 'Audit',
  section: 'main',
  icon: ScrollText,
  order: 30,
  permission: PERMISSIONS.readAudit,
  load: () => import('./audit.js'),
}
