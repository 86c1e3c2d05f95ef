/**
 * Between two looks of the services that tests run in their own process at what changed elsewhere, in milliseconds. Every accepted change
 * of the control plane waits until all have looked: with the product's own 250 ms a quarter of the suite was such waits.
 */
export const QUICK_FEED_MS = 25
