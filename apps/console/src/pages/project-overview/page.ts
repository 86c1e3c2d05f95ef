import { Gauge } from 'lucide-react'
import type { PageDescriptor } from '../../shell/page-descriptor.js'

export const page: PageDescriptor = {
  path: '/projects/$projectId',
  title: 'Overview',
  section: 'project',
  icon: Gauge,
  order: 10,
  load: () => import('./overview.js'),
}
