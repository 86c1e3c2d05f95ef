import { Server } from 'lucide-react'
import type { PageDescriptor } from '../../shell/page-descriptor.js'

export const page: PageDescriptor = {
  path: '/projects/$projectId/instances',
  title: 'Instances',
  section: 'project',
  icon: Server,
  order: 60,
  load: () => import('./instances.js'),
}
