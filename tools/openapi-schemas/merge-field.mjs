// What the API reference says of one field: the rules of the class that reads it, the words that stand in the file.

/** What only the class may say. */
const RULES = ['type', 'enum', 'const', 'minLength', 'maxLength', 'minimum', 'maximum', 'minItems', 'maxItems', 'uniqueItems']

/** Rules that a use case holds and not the class: kept as they stand in the file. */
const RULES_OF_USE_CASES = {
  'ExchangeBody.code_verifier': ['minLength'],
  'RedeemBody.code_verifier': ['minLength'],
  'MagicLinkBody.code_challenge_method': ['const'],
  'SignUpBody.code_challenge_method': ['enum'],
  'StartLinkBody.code_challenge_method': ['const'],
  'StartOAuthQuery.code_challenge_method': ['const'],
  'StartSsoQuery.code_challenge_method': ['const'],
  'SetProviderBody.id_token_signed_response_alg': ['enum'],
  'SetProviderBody.token_endpoint_auth_method': ['enum'],
  'SetVariableBody.value': ['maxLength'],
}

/** `name`: class and field. `own`: the schema as it stands in the file; `schemas`: those that it may point at. */
export function mergeField(name, rules, own, schemas) {
  const dropped = RULES.filter((rule) => !RULES_OF_USE_CASES[name]?.includes(rule))
  const words = Object.fromEntries(Object.entries(own).filter(([key]) => !dropped.includes(key)))
  if (own.$ref !== undefined) return mergeReference(rules, words, schemas[own.$ref.split('/').at(-1)])
  const merged = { ...rules, ...words }
  if (rules.items) merged.items = { ...words.items, ...rules.items }
  if (rules.pattern) merged.pattern = rules.pattern
  return merged
}

/** Beside a schema that several fields share stands only what it does not say itself. */
function mergeReference(rules, words, shared) {
  const said = (of, [key, value]) => JSON.stringify(of?.[key]) === JSON.stringify(value)
  const more = Object.entries(rules).filter(([key, value]) => {
    if (key === 'additionalProperties' || (key === 'type' && shared.enum)) return false
    if (key === 'items') return !Object.entries(value).every((rule) => said(shared.items, rule))
    return !said(shared, [key, value])
  })
  return { ...words, ...Object.fromEntries(more) }
}
