import { ShieldCheck } from 'lucide-react'
import { PERMISSIONS } from '../../api/permissions.js'
import type { PageDescriptor } from '../../shell/page-descriptor.js'

export const page: PageDescriptor = {
  path: '/projects/$projectId/sso',
  title: 'Single sign-on',
  section: 'project',
  icon: ShieldCheck,
  order: 42,
  permission: PERMISSIONS.readAuth,
  load: () => import('./sso.js'),
}
