/** How often an instance reports. */
export const HEARTBEAT_SECONDS = 30

/** An instance that was silent for three heartbeats counts as gone. */
export const LIVE_SECONDS = 3 * HEARTBEAT_SECONDS
