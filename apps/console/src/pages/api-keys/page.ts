import { KeySquare } from 'lucide-react'
import { PERMISSIONS } from '../../api/permissions.js'
import type { PageDescriptor } from '../../shell/page-descriptor.js'

export const page: PageDescriptor = {
  path: '/api-keys',
  title: 'API keys',
  section: 'team',
  icon: KeySquare,
  order: 120,
  permission: PERMISSIONS.manageKeys,
  load: () => import('./api-keys.js'),
}
