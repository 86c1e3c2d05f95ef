/**
 * `untrusted`: the message failed a check. `refused`: the identity provider says that the person may not, or did not. `malformed`: it is no
 * SAML message.
 */
export type SamlProblemKind = 'untrusted' | 'refused' | 'malformed'

/** Two things that should have been the same: ours, and what came. */
export interface Compared {
  expected: string
  found: string
}

/** Why a message of an identity provider was not taken. The detail is for the operator and holds nothing of a person. */
export class SamlProblem extends Error {
  constructor(
    readonly kind: SamlProblemKind,
    readonly detail: string,
    options: { cause?: unknown; compared?: Compared } = {},
  ) {
    super(detail, options)
    this.name = 'SamlProblem'
    this.compared = options.compared
  }

  /** For whoever tries a connection out, and for no log: nobody may have signed it. */
  readonly compared: Compared | undefined
}
