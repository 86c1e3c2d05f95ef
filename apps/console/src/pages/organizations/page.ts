import { Building2 } from 'lucide-react'
import { PERMISSIONS } from '../../api/permissions.js'
import type { PageDescriptor } from '../../shell/page-descriptor.js'

export const page: PageDescriptor = {
  path: '/projects/$projectId/organizations',
  title: 'Organizations',
  section: 'project',
  icon: Building2,
  order: 25,
  permission: PERMISSIONS.readUsers,
  load: () => import('./organizations.js'),
}
