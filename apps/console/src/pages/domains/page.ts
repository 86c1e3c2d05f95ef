import { Globe } from 'lucide-react'

import type { PageDescriptor } from '../../shell/page-descriptor.js'

export const page: PageDescriptor = {
  path: '/projects/$projectId/domains',
  title: 'Domains',
  section: 'project',
  icon: Globe,
  order: 70,
  load: () => import('./domains.js'),
}
