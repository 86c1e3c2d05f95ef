import { EVENTS, type EventName } from '@portico/kernel/events'

/** What a webhook may carry, of the event catalogue. */
export const WEBHOOK_TYPES: readonly EventName[] = (Object.keys(EVENTS) as EventName[]).filter((name) => EVENTS[name].webhook)
