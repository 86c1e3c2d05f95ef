import { FolderSync } from 'lucide-react'
import { PERMISSIONS } from '../../api/permissions.js'
import type { PageDescriptor } from '../../shell/page-descriptor.js'

export const page: PageDescriptor = {
  path: '/projects/$projectId/directories',
  title: 'Directories',
  section: 'project',
  icon: FolderSync,
  order: 44,
  permission: PERMISSIONS.readUsers,
  load: () => import('./directories.js'),
}
