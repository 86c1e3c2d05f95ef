/** What an address carries of ours. Nothing is changed before `take`. */
export interface PageAnswer {
  get(name: string): string | null
  /** Whether a field is the last one of the query. */
  isLast(name: string): boolean
  /**
   * Out of the page's own address bar, so that neither a reload nor a second call brings it again. Nothing for an address that was given.
   */
  take(): void
}

/** The fields of an address, the page's own when none is given. */
export function readAnswer(url: string | URL | undefined, names: readonly string[]): PageAnswer {
  const here = typeof location === 'undefined' ? undefined : location.href
  const address = new URL(url ?? here ?? 'about:blank')
  const fields = address.search.slice(1).split('&')
  const isNamed = (field: string | undefined, name: string) => new URLSearchParams(field).has(name)
  // The service writes behind whatever the app has in its address, so the last one is ours, and an app's own of the same name stays.
  const at = new Map(names.map((name) => [name, fields.map((field) => isNamed(field, name)).lastIndexOf(true)]))
  return {
    get: (name) => new URLSearchParams(fields[at.get(name) ?? -1]).get(name),
    isLast: (name) => isNamed(fields.at(-1), name),
    take() {
      if (url !== undefined || here === undefined) return
      const ours = new Set(at.values())
      // As text: whatever else the app has in its address stays as it is written.
      const query = fields.filter((_, index) => !ours.has(index)).join('&')
      history.replaceState(history.state, '', `${here.split(/[?#]/, 1)[0]}${query === '' ? '' : `?${query}`}${address.hash}`)
    },
  }
}
