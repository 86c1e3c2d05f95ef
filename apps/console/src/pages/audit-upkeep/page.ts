import { Archive } from 'lucide-react'
import { PERMISSIONS } from '../../api/permissions.js'
import type { PageDescriptor } from '../../shell/page-descriptor.js'

export const page: PageDescriptor = {
  path: '/audit-upkeep',
  title: 'Audit retention',
  section: 'team',
  icon: Archive,
  order: 140,
  permission: PERMISSIONS.readAudit,
  load: () => import('./audit-upkeep.js'),
}
