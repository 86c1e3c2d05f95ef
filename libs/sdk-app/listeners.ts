import type { KeptSession } from './session.js'
import type { AuthEvent } from './session-change.js'

export type AuthListener = (event: AuthEvent, session: KeptSession | null) => void

export function tell(listeners: Iterable<AuthListener>, event: AuthEvent, session: KeptSession | null): void {
  for (const listener of listeners) {
    try {
      listener(event, session)
    } catch (error) {
      // A listener's mistake is reported like any uncaught one, and harms neither us nor the other listeners.
      setTimeout(() => {
        throw error
      })
    }
  }
}
