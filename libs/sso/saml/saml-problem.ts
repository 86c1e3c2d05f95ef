/**
 * `untrusted`: the message failed a check. `refused`: the identity provider says that the person may not, or did not. `malformed`: it is no
 * SAML message.
 */
export type SamlProblemKind = 'untrusted' | 'refused' | 'malformed'

/** Why a message of an identity provider was not taken. The detail is for the operator and holds nothing of a person. */
export class SamlProblem extends Error {
  constructor(
    readonly kind: SamlProblemKind,
    readonly detail: string,
    options?: { cause?: unknown },
  ) {
    super(detail, options)
    this.name = 'SamlProblem'
  }
}
