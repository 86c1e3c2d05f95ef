export interface TabEvents {
  /** What is stored may have changed. */
  look(): void
  /** This tab came back: from sleep, from the background, or to a network. */
  wake(): void
  /** Another tab says what it did. */
  hear(event: unknown): void
}

/** Hears of other tabs, and of this one coming back from sleep. Answers the channel to the others; nothing outside a browser. */
export function watchTabs(storageKey: string, cleanUp: (() => void)[], events: TabEvents): BroadcastChannel | undefined {
  if (typeof window === 'undefined' || typeof window.addEventListener !== 'function') return undefined
  const on = (target: EventTarget, type: string, handler: (event: Event) => void) => {
    target.addEventListener(type, handler)
    cleanUp.push(() => target.removeEventListener(type, handler))
  }
  on(window, 'storage', (event) => {
    const { key } = event as StorageEvent
    if (key === storageKey || key === null) events.look()
  })
  const wake = () => {
    if (document.visibilityState !== 'hidden') events.wake()
  }
  on(document, 'visibilitychange', wake)
  on(window, 'pageshow', wake)
  on(window, 'online', wake)
  if (typeof BroadcastChannel === 'undefined') return undefined
  const channel = new BroadcastChannel(storageKey)
  cleanUp.push(() => channel.close())
  on(channel, 'message', (event) => events.hear((event as MessageEvent).data))
  return channel
}
