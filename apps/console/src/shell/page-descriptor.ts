import type { LucideIcon } from 'lucide-react'
import type { ComponentType } from 'react'
import type { ConsoleSession } from '../api/session.js'

/** Where the page is found in the sidebar; `none`: by links from other pages. */
export type Section = 'main' | 'project' | 'team' | 'none'

/** What a folder of `pages` says of itself in its `page.ts`. */
export interface PageDescriptor {
  /** Below `/console`; a page of a project begins with `/projects/$projectId`. */
  path: string
  title: string
  section: Section
  icon: LucideIcon
  order: number
  /** The permission without which the page is not offered. */
  permission?: string
  /** Whether this installation has it at all. */
  when?: (session: ConsoleSession) => boolean
  /** Shown to whoever is not signed in too: what it shows is public where it is there at all. */
  beforeSignIn?: boolean
  load: () => Promise<{ default: ComponentType }>
}

export const PROJECT_PREFIX = '/projects/$projectId'
