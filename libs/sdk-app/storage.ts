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
