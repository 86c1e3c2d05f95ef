/** `waiting`: nobody has opened the address of the test yet. `started`: somebody is at the identity provider. */
export const ATTEMPT_STATES = ['waiting', 'started', 'accepted', 'refused'] as const
export type AttemptState = (typeof ATTEMPT_STATES)[number]

/** In the order in which they are made: each needs the one before it. */
export const ATTEMPT_CHECKS = ['answer', 'mapping', 'account'] as const
export type AttemptCheck = (typeof ATTEMPT_CHECKS)[number]

/** What became of an attempt. Of a real sign-in no more than the log of the project says; of a test everything, for whoever ran it. */
export interface AttemptReport {
  /** What an app is told; `null`: accepted. */
  refusal: string | null
  problem: string | null
  /** Why, in words. */
  detail: string | null
  /** Where two things should have been the same: ours, and what came. */
  expected: string | null
  found: string | null
  endUserId: string | null
  /** `known`: came by this connection before. `joined`: has the address. */
  account: 'known' | 'joined' | 'created' | null
  emailDomain: string | null
  domainProven: boolean | null
  organizationId: string | null
  role: string | null
  /** The group that says the role; `null`: the fallback, or the role they have. */
  roleGroup: string | null
  subject: string | null
  nameIdFormat: string | null
  sessionIndex: string | null
  email: string | null
  name: string | null
  groups: string[]
  metadata: { key: string; value: string | string[] }[]
  attributes: { name: string; values: string[] }[]
  /** `null`: not reached. */
  checks: { check: AttemptCheck; passed: boolean | null }[]
}

export interface SsoAttempt {
  id: string
  connectionId: string
  test: boolean
  state: AttemptState
  report: AttemptReport | null
  createdAt: Date
  finishedAt: Date | null
  expiresAt: Date
}
