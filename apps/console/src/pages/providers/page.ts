import { LogIn } from 'lucide-react'
import { PERMISSIONS } from '../../api/permissions.js'
import type { PageDescriptor } from '../../shell/page-descriptor.js'

export const page: PageDescriptor = {
  path: '/projects/$projectId/providers',
  title: 'Providers',
  section: 'project',
  icon: LogIn,
  order: 40,
  permission: PERMISSIONS.readAuth,
  load: () => import('./providers.js'),
}
