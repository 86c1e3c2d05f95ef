/** What an event happened to; its id is `resource_id`. */
export type EventResource =
  | 'api_key'
  | 'captcha'
  | 'console'
  | 'directory'
  | 'domain'
  | 'email_domain'
  | 'end_user'
  | 'factor'
  | 'hook'
  | 'identity'
  | 'instance'
  | 'mail'
  | 'mail_template'
  | 'mail_sender'
  | 'mailed_link'
  | 'organization'
  | 'organization_role'
  | 'member'
  | 'project'
  | 'provider'
  | 'role'
  | 'session'
  | 'setup_link'
  | 'sso_connection'
  | 'tenant'
  | 'webhook'

export interface EventDefinition {
  resource: EventResource
  /** Who does it: the end user, a platform user or their key, an anonymous caller, or the service by itself. */
  by: readonly ('end_user' | 'api_key' | 'platform_user' | 'anonymous' | 'system')[]
  meaning: string
  /** Whether a webhook may carry it. What is only of use to find an attacker stays in the audit log. */
  webhook: boolean
}

/** At the console or by an API key. */
export const OPERATOR = ['api_key', 'platform_user'] as const
