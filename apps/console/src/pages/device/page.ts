import { MonitorSmartphone } from 'lucide-react'
import type { PageDescriptor } from '../../shell/page-descriptor.js'

export const page: PageDescriptor = {
  path: '/device',
  title: 'Let a program in',
  section: 'none',
  icon: MonitorSmartphone,
  order: 195,
  load: () => import('./device.js'),
}
