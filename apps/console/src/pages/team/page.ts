import { UsersRound } from 'lucide-react'
import { PERMISSIONS } from '../../api/permissions.js'
import type { PageDescriptor } from '../../shell/page-descriptor.js'

export const page: PageDescriptor = {
  path: '/team',
  title: 'Team',
  section: 'team',
  icon: UsersRound,
  order: 110,
  permission: PERMISSIONS.readTeam,
  load: () => import('./team.js'),
}
