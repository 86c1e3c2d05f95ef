import { Boxes } from 'lucide-react'
import type { PageDescriptor } from '../../shell/page-descriptor.js'

export const page: PageDescriptor = {
  path: '/projects',
  title: 'Projects',
  section: 'main',
  icon: Boxes,
  order: 20,
  load: () => import('./projects.js'),
}
