/** Tokens for what is not a class of its own. */
export const CLOCK = Symbol('Clock')
export const ENTROPY = Symbol('entropy')
