import { Palette } from 'lucide-react'
import { PERMISSIONS } from '../../api/permissions.js'
import type { PageDescriptor } from '../../shell/page-descriptor.js'

export const page: PageDescriptor = {
  path: '/projects/$projectId/look',
  title: 'Look',
  section: 'project',
  icon: Palette,
  order: 35,
  permission: PERMISSIONS.readAuth,
  load: () => import('./look.js'),
}
