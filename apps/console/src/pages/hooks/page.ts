import { ShieldQuestion } from 'lucide-react'
import { PERMISSIONS } from '../../api/permissions.js'
import type { PageDescriptor } from '../../shell/page-descriptor.js'

export const page: PageDescriptor = {
  path: '/projects/$projectId/hooks',
  title: 'Hooks',
  section: 'project',
  icon: ShieldQuestion,
  order: 77,
  permission: PERMISSIONS.readAuth,
  load: () => import('./hooks.js'),
}
