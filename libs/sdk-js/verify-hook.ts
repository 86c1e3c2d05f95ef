import { verifyWebhook, WebhookVerificationError, type ReceivedWebhook } from './verify-webhook.js'

/** What the app is asked; `data` says about whom. */
export interface HookRequest {
  /** The same at both tries. */
  id: string
  type: 'before_sign_up' | 'before_sign_in' | 'before_password_change' | 'token_claims' | 'on_new_device' | 'send_mail'
  version: number
  timestamp: string
  projectId: string
  data: Record<string, unknown>
}

/** What the app answers as JSON; anything else counts as no answer. */
export interface HookAnswer {
  decision: 'allow' | 'deny'
  /** Shown to whoever is refused; plain text, at most 300 characters. */
  message?: string
  /** `token_claims` only: names with a colon, such as `app:plan`; at most 2 KB. */
  claims?: Record<string, unknown>
  /** `before_sign_up` only; at most 2 KB. */
  app_metadata?: Record<string, unknown>
}

const HOOKS: readonly string[] = [
  'before_sign_up', 'before_sign_in', 'before_password_change', 'token_claims', 'on_new_device', 'send_mail',
]

/** The question of a request that came from Portico, or a WebhookVerificationError: only then answer it. */
export async function verifyHook(
  request: Request | ReceivedWebhook,
  secret: string | readonly string[],
  now = Date.now(),
): Promise<HookRequest> {
  const message = await verifyWebhook(request, secret, now)
  if (!HOOKS.includes(message.type)) throw new WebhookVerificationError('This is a webhook and no hook.')
  return message as HookRequest
}
