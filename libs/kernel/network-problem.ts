/** Error codes of Node and of OpenSSL, and what an operator has to look at. */
const PROBLEMS: readonly [RegExp, string][] = [
  [/^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|ERR_TLS_CERT|HOSTNAME_MISMATCH)/, 'the certificate was not accepted'],
  [/^(ERR_SSL_WRONG_VERSION|EPROTO)/, 'the server does not speak TLS'],
  [/^ERR_SSL/, 'the TLS handshake failed (certificate, or version)'],
  [/^(ENOTFOUND|EAI_AGAIN)$/, 'the host name is not known'],
  [/^ECONNREFUSED$/, 'nobody listens at the address'],
  [/^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/, 'the address cannot be reached'],
]

/** Why a server cannot be reached, without names, addresses or secrets; `null`: the code says nothing of that. */
export function networkProblem(code: string): string | null {
  return PROBLEMS.find(([form]) => form.test(code))?.[1] ?? null
}
