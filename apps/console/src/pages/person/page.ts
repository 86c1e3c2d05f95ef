import { User } from 'lucide-react'
import { PERMISSIONS } from '../../api/permissions.js'
import type { PageDescriptor } from '../../shell/page-descriptor.js'

export const page: PageDescriptor = {
  path: '/projects/$projectId/people/$userId',
  title: 'Person',
  section: 'none',
  icon: User,
  order: 21,
  permission: PERMISSIONS.readUsers,
  load: () => import('./person.js'),
}
