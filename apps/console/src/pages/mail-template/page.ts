import { Mail } from 'lucide-react'
import { PERMISSIONS } from '../../api/permissions.js'
import type { PageDescriptor } from '../../shell/page-descriptor.js'

export const page: PageDescriptor = {
  path: '/projects/$projectId/mail/words/$template/$locale',
  title: 'Words of a mail',
  section: 'none',
  icon: Mail,
  order: 73,
  permission: PERMISSIONS.readAuth,
  load: () => import('./mail-template.js'),
}
