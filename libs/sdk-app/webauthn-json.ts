import { base64url } from './one-time-flow.js'

// Safari before 18.4 and some password managers have navigator.credentials without the JSON forms of WebAuthn Level 3: these fill in.

type Json = Record<string, unknown>

export function creationOptions(json: Json): PublicKeyCredentialCreationOptions {
  const own = PublicKeyCredential as Partial<typeof PublicKeyCredential>
  if (own.parseCreationOptionsFromJSON) return own.parseCreationOptionsFromJSON(json as unknown as PublicKeyCredentialCreationOptionsJSON)
  const user = json['user'] as { id: string }
  return {
    ...json,
    challenge: bytes(json['challenge']),
    user: { ...user, id: bytes(user.id) },
    excludeCredentials: descriptors(json['excludeCredentials']),
  } as object as PublicKeyCredentialCreationOptions
}

export function requestOptions(json: Json): PublicKeyCredentialRequestOptions {
  const own = PublicKeyCredential as Partial<typeof PublicKeyCredential>
  if (own.parseRequestOptionsFromJSON) return own.parseRequestOptionsFromJSON(json as unknown as PublicKeyCredentialRequestOptionsJSON)
  return {
    ...json,
    challenge: bytes(json['challenge']),
    allowCredentials: descriptors(json['allowCredentials']),
  } as object as PublicKeyCredentialRequestOptions
}

export function credentialJson(credential: PublicKeyCredential): object {
  if ((credential as Partial<PublicKeyCredential>).toJSON) return credential.toJSON() as object
  const { response } = credential as { response: Partial<AuthenticatorAttestationResponse & AuthenticatorAssertionResponse> }
  const parts = ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle'] as const
  const encoded = Object.fromEntries(parts.flatMap((name) => (response[name] ? [[name, base64url(response[name])]] : [])))
  const transports = response.getTransports && { transports: response.getTransports() }
  return {
    id: credential.id,
    rawId: base64url(credential.rawId),
    type: credential.type,
    response: { ...encoded, ...transports },
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
  }
}

function bytes(text: unknown): Uint8Array {
  return Uint8Array.from(atob(String(text).replace(/-/g, '+').replace(/_/g, '/')), (character) => character.charCodeAt(0))
}

function descriptors(list: unknown): Json[] {
  return ((list ?? []) as Json[]).map((descriptor) => ({ ...descriptor, id: bytes(descriptor['id']) }))
}
