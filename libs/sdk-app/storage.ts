/** Where a session is kept between page loads. The Web Storage interface; answers may be promises. */
export interface AuthStorage {
  getItem(key: string): string | null | Promise<string | null>
  setItem(key: string, value: string): unknown
  removeItem(key: string): unknown
}

/** Lives as long as this object: a reload signs out, unless the refresh token is in a cookie. */
export function memoryStorage(): AuthStorage {
  const items = new Map<string, string>()
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => items.set(key, value),
    removeItem: (key) => items.delete(key),
  }
}

/** `localStorage`, or memory where there is none, it is turned off, or it is full. */
export function defaultStorage(): AuthStorage {
  try {
    const { localStorage } = globalThis
    const probe = 'portico.probe'
    localStorage.setItem(probe, '1')
    localStorage.removeItem(probe)
    return localStorage
  } catch {
    return memoryStorage()
  }
}

/**
 * The same storage, and memory for what it refuses: a full one throws when written, one that the browser turned off whenever it is touched.
 * The user stays signed in as long as the page does.
 */
export function forgivingStorage(storage: AuthStorage): AuthStorage {
  const refused = new Map<string, string | null>()
  const seen = new Map<string, string | null>()
  const write = async (key: string, value: string | null, work: () => unknown) => {
    seen.set(key, value)
    try {
      await work()
      refused.delete(key)
    } catch {
      refused.set(key, value)
    }
  }
  return {
    async getItem(key) {
      if (refused.has(key)) return refused.get(key) ?? null
      try {
        const value = await storage.getItem(key)
        seen.set(key, value)
        return value
      } catch {
        return seen.get(key) ?? null
      }
    },
    setItem: (key, value) => write(key, value, () => storage.setItem(key, value)),
    removeItem: (key) => write(key, null, () => storage.removeItem(key)),
  }
}
