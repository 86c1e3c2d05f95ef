/**
 * unavailable: the provider did not answer in time, or with an error of its own;  refused: the person said no, or somebody for them;
 * wrong_client: the provider does not know the client id or its secret;  untrusted: the answer failed a check (issuer, nonce, signature,
 * …); misconfigured: the configuration itself cannot work.
 */
export type OAuthProblemKind = 'unavailable' | 'refused' | 'wrong_client' | 'untrusted' | 'misconfigured'

/** The one error of this package. `detail` is for the operator and the log; it never holds a code, a token or a secret. */
export class OAuthProblem extends Error {
  constructor(
    readonly kind: OAuthProblemKind,
    readonly detail: string,
    options?: { cause?: unknown },
  ) {
    super(`${kind}: ${detail}`, options)
    this.name = 'OAuthProblem'
  }
}
