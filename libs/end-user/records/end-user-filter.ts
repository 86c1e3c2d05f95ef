/** What people are found by; everything given must hold. */
export interface EndUserFilter {
  id?: string
  /** A whole address, normalised. */
  email?: string
  /** Beginnings of normalised addresses, or of their domains: any of them. */
  beginnings?: { addresses: readonly string[]; domains: readonly string[] }
  /** In its one form; nothing of its subdomains. */
  domain?: string
  /** `password`, `passkey`, or the provider of a linked identity. */
  way?: string
  states: readonly EndUserState[]
  createdFrom?: Date
  createdBefore?: Date
  lastSignInFrom?: Date
  lastSignInBefore?: Date
}

export const END_USER_STATES = ['confirmed', 'unconfirmed', 'enabled', 'disabled', 'mfa', 'never_signed_in'] as const
export type EndUserState = (typeof END_USER_STATES)[number]

export interface EndUserSort {
  /** By the last sign-in those who never signed in count as the oldest. */
  by: 'createdAt' | 'email' | 'lastSignInAt'
  descending: boolean
}

/** Where a list goes on. `key`: the address, or microseconds since 1970; `null`: never signed in. */
export interface EndUserPosition {
  key: string | null
  id: string
}

export const NO_FILTER: EndUserFilter = { states: [] }

export function isEmptyFilter({ states, ...others }: EndUserFilter): boolean {
  return states.length === 0 && Object.values(others).every((value) => value === undefined)
}
