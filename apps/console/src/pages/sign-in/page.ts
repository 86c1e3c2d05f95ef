import { SlidersHorizontal } from 'lucide-react'
import { PERMISSIONS } from '../../api/permissions.js'
import type { PageDescriptor } from '../../shell/page-descriptor.js'

export const page: PageDescriptor = {
  path: '/projects/$projectId/sign-in',
  title: 'Sign-in',
  section: 'project',
  icon: SlidersHorizontal,
  order: 30,
  permission: PERMISSIONS.readAuth,
  load: () => import('./sign-in.js'),
}
