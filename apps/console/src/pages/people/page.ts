import { Users } from 'lucide-react'
import { PERMISSIONS } from '../../api/permissions.js'
import type { PageDescriptor } from '../../shell/page-descriptor.js'

export const page: PageDescriptor = {
  path: '/projects/$projectId/people',
  title: 'People',
  section: 'project',
  icon: Users,
  order: 20,
  permission: PERMISSIONS.readUsers,
  load: () => import('./people.js'),
}
