import { KeyRound } from 'lucide-react'
import { PERMISSIONS } from '../../api/permissions.js'
import type { PageDescriptor } from '../../shell/page-descriptor.js'

export const page: PageDescriptor = {
  path: '/projects/$projectId/keys',
  title: 'Keys',
  section: 'project',
  icon: KeyRound,
  order: 50,
  permission: PERMISSIONS.readAuth,
  load: () => import('./keys.js'),
}
