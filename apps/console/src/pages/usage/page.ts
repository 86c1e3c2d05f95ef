import { ChartColumn } from 'lucide-react'
import { PERMISSIONS } from '../../api/permissions.js'
import type { PageDescriptor } from '../../shell/page-descriptor.js'

export const page: PageDescriptor = {
  path: '/usage',
  title: 'Usage',
  section: 'team',
  icon: ChartColumn,
  order: 185,
  permission: PERMISSIONS.readStats,
  load: () => import('./usage.js'),
}
