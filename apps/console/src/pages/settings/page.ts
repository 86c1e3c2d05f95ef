import { Settings } from 'lucide-react'

import type { PageDescriptor } from '../../shell/page-descriptor.js'

export const page: PageDescriptor = {
  path: '/settings',
  title: 'Settings',
  section: 'team',
  icon: Settings,
  order: 190,
  load: () => import('./settings.js'),
}
