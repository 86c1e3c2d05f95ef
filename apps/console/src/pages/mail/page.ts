import { Mail } from 'lucide-react'
import type { PageDescriptor } from '../../shell/page-descriptor.js'

export const page: PageDescriptor = {
  path: '/projects/$projectId/mail',
  title: 'Mail',
  section: 'project',
  icon: Mail,
  order: 72,
  load: () => import('./mail.js'),
}
