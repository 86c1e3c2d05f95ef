/** Everything that an app can be asked about, and what it may answer beside its decision. */
export const HOOKS = {
  before_sign_up: { meaning: 'Somebody wants an account, by whatever way.', answers: ['app_metadata'] },
  before_sign_in: { meaning: 'Somebody has proved a first factor and would get a session, or be asked for the second factor.', answers: [] },
  before_password_change: { meaning: 'A password is changed or reset, or set by an invitation.', answers: [] },
  token_claims: { meaning: 'A session begins: claims of the app for its access tokens.', answers: ['claims'] },
  on_new_device: { meaning: 'A session has begun on a device that was not seen before; a no ends it.', answers: [] },
  send_mail: { meaning: 'A mail is handed over instead of being sent.', answers: [] },
} as const satisfies Record<string, { meaning: string; answers: readonly ('app_metadata' | 'claims')[] }>

export type HookName = keyof typeof HOOKS
export const HOOK_NAMES = Object.keys(HOOKS) as readonly HookName[]

export function isHookName(text: string): text is HookName {
  return Object.hasOwn(HOOKS, text)
}

/** A hook of a project as its record has it: the secrets are sealed. */
export interface StoredHook {
  id: string
  url: string
  secretSealed: Buffer
  onFailure: 'deny' | 'allow'
}
