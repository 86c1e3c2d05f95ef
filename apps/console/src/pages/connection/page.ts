import { ShieldCheck } from 'lucide-react'
import { PERMISSIONS } from '../../api/permissions.js'
import type { PageDescriptor } from '../../shell/page-descriptor.js'

export const page: PageDescriptor = {
  path: '/projects/$projectId/sso/$connectionId',
  title: 'Connection',
  section: 'none',
  icon: ShieldCheck,
  order: 43,
  permission: PERMISSIONS.readAuth,
  load: () => import('./connection.js'),
}
