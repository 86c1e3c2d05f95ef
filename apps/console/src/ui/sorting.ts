import type { SortingState, Updater } from '@tanstack/react-table'

/** `-created_at` of the address and the API as the table has it. */
export const sortingOf = (sort: string): SortingState => [{ id: sort.replace(/^-/, ''), desc: sort.startsWith('-') }]

/** The reverse; nothing where the order is the usual one. */
export function sortOf(update: Updater<SortingState>, before: SortingState): string | undefined {
  const [first] = typeof update === 'function' ? update(before) : update
  return first && `${first.desc ? '-' : ''}${first.id}`
}
