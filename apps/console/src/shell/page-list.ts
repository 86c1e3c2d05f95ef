import { may, type ConsoleSession } from '../api/session.js'
import type { PageDescriptor, Section } from './page-descriptor.js'

const found = import.meta.glob<{ page: PageDescriptor }>('../pages/*/page.ts', { eager: true })

/** Every page there is: one folder of `pages` each. */
export const PAGES: readonly PageDescriptor[] = Object.values(found)
  .map(({ page }) => page)
  .toSorted((a, b) => a.order - b.order)

export function pagesFor(session: ConsoleSession, section: Section): PageDescriptor[] {
  return PAGES.filter(
    (page) =>
      page.section === section && (page.permission === undefined || may(session, page.permission)) && (page.when?.(session) ?? true),
  )
}
