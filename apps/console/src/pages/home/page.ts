import { House } from 'lucide-react'
import { PERMISSIONS } from '../../api/permissions.js'
import type { PageDescriptor } from '../../shell/page-descriptor.js'

export const page: PageDescriptor = {
  path: '/',
  title: 'Home',
  section: 'main',
  icon: House,
  order: 10,
  permission: PERMISSIONS.readStats,
  load: () => import('./home.js'),
}
