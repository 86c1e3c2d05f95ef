/** After this long a transaction is rolled back instead of committed. */
export const TRANSACTION_LIMIT_MS = 8_000

/**
 * How far the change feed looks back at every look: a transaction may be that long between what it noted and its commit. The limit above,
 * the time limit of its last statement (2.5 s), and something for a clock that was set.
 */
export const CHANGE_OVERLAP_SECONDS = 15
