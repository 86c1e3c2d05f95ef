import { FolderSync } from 'lucide-react'
import { PERMISSIONS } from '../../api/permissions.js'
import type { PageDescriptor } from '../../shell/page-descriptor.js'

export const page: PageDescriptor = {
  path: '/projects/$projectId/directories/$directoryId',
  title: 'Directory',
  section: 'none',
  icon: FolderSync,
  order: 45,
  permission: PERMISSIONS.readUsers,
  load: () => import('./directory.js'),
}
