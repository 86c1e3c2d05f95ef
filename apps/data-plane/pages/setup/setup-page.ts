import type { SetupState } from '@portico/end-user/setup-links/set-up-connection'
import type { SetupDirectory } from '@portico/end-user/setup-links/set-up-directory'
import type { SetupForm } from './setup.body.js'
import type { SetupProblem } from './setup-problem.js'

/** What was done on the page before. */
export type SetupNote = 'saved' | 'proven' | 'on'

export interface SetupPage extends SetupState {
  /** The project's `AUTH_URL`. */
  issuer: string
  /** `null`: none is kept in step yet. */
  directory: SetupDirectory | null
  /** A token of it that was made just now. */
  token?: string
  note?: SetupNote | null
  problem?: SetupProblem
  /** What was sent, to be shown once more beside what is wrong with it. */
  typed?: SetupForm
  status?: number
}
