import { Building2 } from 'lucide-react'
import { PERMISSIONS } from '../../api/permissions.js'
import type { PageDescriptor } from '../../shell/page-descriptor.js'

export const page: PageDescriptor = {
  path: '/projects/$projectId/organizations/$organizationId',
  title: 'Organization',
  section: 'none',
  icon: Building2,
  order: 26,
  permission: PERMISSIONS.readUsers,
  load: () => import('./organization.js'),
}
