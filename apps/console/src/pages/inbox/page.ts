import { Inbox } from 'lucide-react'
import type { PageDescriptor } from '../../shell/page-descriptor.js'

export const page: PageDescriptor = {
  path: '/inbox',
  title: 'Inbox',
  section: 'main',
  icon: Inbox,
  order: 40,
  when: (session) => session.devInbox,
  // The link that signs the first person in may be in it.
  beforeSignIn: true,
  load: () => import('./inbox.js'),
}
