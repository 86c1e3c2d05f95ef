// Written by tools/openapi-types from openapi/control-plane.yaml: change that file and run `npm run generate -w @portico/openapi-types`.

/** Fields whose keys are the caller’s data: their contents are sent and answered as they are. */
export const VERBATIM_FIELDS: readonly string[] = ['app_metadata', 'checks', 'destroyed', 'env', 'exactness', 'failures_by_reason', 'kept', 'limits', 'metadata', 'profile', 'sign_ins_by_method', 'sign_ups_by_method', 'variables']

/** The closed catalogue of refusals: openapi/errors.md. */
export type ErrorCode =
  | 'invalid_json'
  | 'invalid_request'
  | 'invalid_or_expired_token'
  | 'authorization_pending'
  | 'slow_down'
  | 'access_denied'
  | 'expired_token'
  | 'unauthenticated'
  | 'invalid_credentials'
  | 'invalid_token'
  | 'invalid_code'
  | 'passkey_refused'
  | 'session_ended'
  | 'insufficient_scope'
  | 'forbidden'
  | 'email_not_confirmed'
  | 'auth_disabled'
  | 'signups_disabled'
  | 'provider_not_enabled'
  | 'origin_not_allowed'
  | 'mfa_not_enabled'
  | 'organizations_not_enabled'
  | 'managed_by_directory'
  | 'sso_required'
  | 'second_factor_required'
  | 'reauthentication_required'
  | 'same_browser_required'
  | 'captcha_failed'
  | 'refused_by_app'
  | 'session_limit_reached'
  | 'not_found'
  | 'auth_not_enabled'
  | 'method_not_allowed'
  | 'conflict'
  | 'last_owner'
  | 'console_lockout'
  | 'identity_taken'
  | 'last_way_in'
  | 'passkeys_not_configured'
  | 'passkeys_stranded'
  | 'users_stranded'
  | 'last_admin'
  | 'sso_lockout'
  | 'role_in_use'
  | 'rotation_in_progress'
  | 'replay_in_progress'
  | 'idempotency_conflict'
  | 'idempotency_in_progress'
  | 'payload_too_large'
  | 'unsupported_media_type'
  | 'validation_error'
  | 'email_taken'
  | 'email_domain_not_allowed'
  | 'provider_test_failed'
  | 'mail_sender_refused'
  | 'weak_password'
  | 'conflicting_settings'
  | 'mixed_auth_pair'
  | 'rate_limited'
  | 'internal_error'
  | 'overloaded'
  | 'unavailable'

export interface components {
  schemas: {
    AccessBody: {
      /** @enum {string} */
      mode: 'open' | 'token' | 'password' | 'oidc'
    }
    AddDomainBody: {
      hostname: string
    }
    AddEmailDomainBody: {
      domain: string
      /** @description The organization that says it is its own; absent: the project itself. */
      organizationId?: string
    }
    AddMemberBody: {
      role?: string
      userId: string
    }
    AddOrganizationMemberBody: components['schemas']['AddMemberBody']
    ApiKey: {
      /** Format: date-time */
      createdAt: string
      /** Format: date-time */
      expiresAt: string | null
      /** @description Printed with the prefix `key_`; paths take the bare UUID too. */
      id: string
      /**
       * Format: date-time
       * @description Written at most once a minute.
       */
      lastUsedAt: string | null
      name: string
      /** @description What the scopes come to. */
      permissions: components['schemas']['Permission'][]
      /** @description The first 12 characters of the key. */
      prefix: string
      /** @description The projects that the key is limited to; null is all of the tenant. */
      projectIds: string[] | null
      /** @description The key can change nothing, whatever its scopes are. */
      readOnly: boolean
      scopes: ('projects:read' | 'projects:write' | 'auth:read' | 'auth:write' | 'users:read' | 'users:write' | 'env:read' | 'domains:write' | 'audit:read' | 'keys:write' | 'clients:forward' | 'tenants:write' | 'stats.read' | 'webhooks.read' | 'webhooks.manage' | 'team.read' | 'team.manage' | 'owners.manage' | 'settings.users.manage')[]
    }
    Attention: {
      /** @description The host name, or the provider. */
      detail: string | null
      /**
       * @description `failures_rose`, 20 or more refused sign-ins in two hours and three times as many as usual; `provider_failing`, three sign-ins in six hours that the provider itself made fail.
       * @enum {string}
       */
      kind: 'mail_not_configured' | 'rotation_waiting' | 'domain_unverified' | 'mail_given_up' | 'provider_failing' | 'failures_rose'
      projectId: string | null
      projectName: string | null
      /** Format: date-time */
      since: string | null
    }
    /** @description Which attribute or claim says what; `null`: the usual names. */
    AttributesBody: {
      email?: string | null
      groups?: string | null
      /** @description Others that are kept as metadata of the person. */
      metadata?: components['schemas']['MetadataMappingBody'][]
      name?: string | null
    }
    AuditEvent: {
      action: string
      /** @description `key_…` for an API key, the UUID of an end user. */
      actorId: string | null
      /** @enum {string} */
      actorType: 'api_key' | 'platform_user' | 'end_user' | 'system' | 'anonymous'
      /** Format: date-time */
      createdAt: string
      /** @description Printed with the prefix `evt_`; paths take the bare UUID too. */
      id: string
      ip: string | null
      metadata: {
        [key: string]: unknown
      }
      projectId: string | null
      resource: string
      resourceId: string | null
      userAgent: string | null
    }
    AuditRetention: {
      /** @description `null`: for ever. */
      days: number | null
    }
    AuditStream: {
      accessKeyId?: string
      bucket?: string
      /** Format: date-time */
      createdAt: string
      deliveredAt: string | null
      endpoint?: string
      failingSince: string | null
      /** @enum {string} */
      kind: 'https' | 's3'
      /** Format: date-time */
      nextAttemptAt: string
      /** @description Delivered so far. */
      parts: number
      prefix?: string
      /** @description What the last attempt met. */
      problem: string | null
      region?: string
      /** @description Chained rows that are not delivered yet. */
      rowsBehind: number
      /** @description Signs what an HTTPS endpoint is sent. In the answer to the call that set it, and never again. */
      secret?: string
      /** @enum {string} */
      state: 'ready' | 'failing'
      /** Format: date-time */
      updatedAt: string
      url?: string
    }
    AuthProvider: {
      /** Format: uri */
      baseUrl: string | null
      clientId: string | null
      configured: boolean
      /** Format: date-time */
      createdAt: string | null
      /** Format: uri */
      discoveryUrl: string | null
      /** @description In the providers of the settings. */
      enabled: boolean
      /** Format: uri */
      expectedIssuer: string | null
      idTokenSignedResponseAlg: string | null
      /** Format: uri */
      issuer: string | null
      keyId: string | null
      /** @description The last sign-in that the provider or its configuration made fail, as far back as the audit log goes. It may be mended since. */
      lastProblem: {
        /** Format: date-time */
        at: string
        /** @description For the operator. */
        detail: string | null
        /**
         * @description `unavailable`: no answer in time. `wrong_client`: it does not know client id or secret. `untrusted`: its answer failed a check. `misconfigured`: it cannot work like that.
         * @enum {string}
         */
        kind: 'unavailable' | 'wrong_client' | 'untrusted' | 'misconfigured'
        /** @description What the app was told. */
        reason: string
      } | null
      provider: string
      /**
       * Format: uri
       * @description Copy it into the console of the provider exactly as it is.
       */
      redirectUri: string
      requireNonce: boolean | null
      scopes: string[] | null
      teamId: string | null
      tenant: string | null
      /** @description The directory id that a Microsoft domain name was resolved to; null while Microsoft has not answered. Tokens of any other directory are refused. */
      tenantId: string | null
      tokenEndpointAuthMethod: string | null
      /** Format: date-time */
      updatedAt: string | null
    }
    AuthService: {
      /** @description What apps get as `AUTH_URL`; `null` before the first enable. */
      authUrl: string | null
      /** Format: date-time */
      createdAt: string
      enabled: boolean
      /** @description Counts every change of what a boot gets. */
      envVersion: number
      keys: components['schemas']['Key'][]
      /** @description Printed with the prefix `proj_`; paths take the bare UUID too. */
      projectId: string
      settings: components['schemas']['Settings']
      /** Format: date-time */
      updatedAt: string
    }
    BootBody: {
      /** @description Any JSON object of yours, at most 16 KiB. */
      metadata?: {
        [key: string]: unknown
      }
      name?: string | null
      reads?: components['schemas']['Reads']
    }
    BootedInstance: {
      /** Format: date-time */
      bootedAt: string
      env: components['schemas']['Environment']
      envVersion: number
      /** @description Report this often; an instance that is silent for three heartbeats counts as gone. */
      heartbeatSeconds: number
      /** @description Printed with the prefix `inst_`; paths take the bare UUID too. */
      id: string
      name: string | null
      /** @description Printed with the prefix `proj_`; paths take the bare UUID too. */
      projectId: string
      reads: components['schemas']['ReadsSaid']
    }
    BootInstanceBody: components['schemas']['BootBody']
    BrandImage: {
      height: number
      /** @description Below `{AUTH_URL}/branding/`, and in the setting `branding`. */
      name: string
      width: number
    }
    BrandImageBody: {
      data: string
    }
    /** @description How hosted pages look: name, colours, radius, font, links. A change replaces the whole object. */
    BrandingInput: {
      colour?: string | null
      colourDark?: string | null
      font?: ('system' | 'humanist' | 'geometric' | 'serif' | 'slab' | 'mono') | null
      icon?: string | null
      logo?: string | null
      name?: string | null
      poweredBy?: boolean | null
      privacyUrl?: string | null
      radius?: number | null
      supportUrl?: string | null
      termsUrl?: string | null
    }
    BreakGlass: {
      /** Format: date-time */
      createdAt: string
      email: string
      /** Format: uuid */
      userId: string
    }
    BulkEndUsersBody: {
      /** @enum {string} */
      action: 'disable' | 'enable' | 'delete' | 'end_sessions' | 'send_recovery' | 'evict'
      ids: string[]
    }
    BulkResult: {
      action: string
      failed: number
      /** @description In the order asked for. */
      results: {
        /** @description Present when `ok` is false; nothing was done to this one then. */
        error?: {
          code: string
          message: string
        }
        /** Format: uuid */
        id: string
        ok: boolean
      }[]
      succeeded: number
    }
    BulkUsersBody: components['schemas']['BulkEndUsersBody']
    CaptchaSetting: {
      captcha: {
        /** @enum {unknown} */
        provider?: 'turnstile' | 'hcaptcha'
        siteKey?: string
      } | null
    }
    ChangeAuthBody: components['schemas']['SettingsInput'] & {
      /** @description Changes `site_url`, `rp_id` or `providers` although people who have no other way in are locked out (`passkeys_stranded` or `users_stranded` otherwise, with their number). */
      force?: boolean
    }
    ChangeAuthQuery: {
      /** @description Answers what the change would do to people, sessions and instances that are there, and does nothing. Then the answer is a `SettingsPreview`. */
      dryRun?: boolean
    }
    ChangeConnectionBody: {
      attributes?: components['schemas']['AttributesBody']
      /** @description Whether people without an account get one. Default: true. */
      createUsers?: boolean
      /** @description Proven mail domains that it answers for, all of them. */
      domains?: string[]
      /** @description Whether people of its domains come in by it alone. */
      enforce?: boolean
      /** @description Of people whose groups say nothing; `null`: the role they have stays, `member` at first. */
      fallbackRole?: string | null
      /** @description Whether those who may break the glass still come in without it. */
      localLogin?: boolean
      name?: string
      oidc?: components['schemas']['OidcBody']
      /** @description The first group of the person that stands here says their role in the organization, at each sign-in. */
      roles?: components['schemas']['RoleMappingBody'][]
      saml?: components['schemas']['SamlBody']
      /**
       * @description `draft` leads nobody anywhere, `testing` only who asks for it by its id.
       * @enum {string}
       */
      state?: 'draft' | 'testing' | 'active'
    }
    ChangeConsoleSignInBody: components['schemas']['SettingsInput'] & {
      /** @description Changes `providers` although people who have no other way in are locked out (`users_stranded` otherwise). */
      force?: boolean
    }
    ChangeConsoleSignInQuery: {
      /** @description Answers what the change would do to the people who are there, and does nothing. Then the answer is a `SettingsPreview`. */
      dryRun?: boolean
    }
    ChangeDirectoryBody: {
      /** @description Attributes of users beside those of RFC 7643; replaced as a whole. */
      customSchema?: {
        attributes: {
          multiValued?: boolean
          name: string
          /** @enum {string} */
          type?: 'string' | 'boolean' | 'integer' | 'decimal' | 'dateTime'
        }[]
        /** @description A URN of your own. */
        id: string
        name: string
      } | null
      fallbackRole?: string | null
      /** @description The first one whose group somebody is in gives their role. */
      groupRoles?: {
        /** @description The name of a group of the directory, in any case. */
        group: string
        /** @description A role of the organization. */
        role: string
      }[]
      name?: string
    }
    ChangeEndUserBody: {
      appMetadata?: {
        [key: string]: unknown
      }
      disabled?: boolean
      /** Format: email */
      email?: string
      emailVerified?: boolean
      /** @description Any JSON object of yours, at most 16 KiB. */
      metadata?: {
        [key: string]: unknown
      }
      /** @description 8 to 256 characters; not a common one. */
      password?: string
    }
    ChangeMemberBody: {
      breakGlass?: boolean
      role?: string
    }
    ChangeOrganizationBody: {
      logoUrl?: string | null
      metadata?: {
        [key: string]: unknown
      }
      name?: string
      slug?: string
    }
    ChangeOrganizationMemberBody: components['schemas']['MemberRoleBody']
    ChangeProjectBody: {
      externalProjectId?: string | null
      /** @description Any JSON object of yours, at most 16 KiB. */
      metadata?: {
        [key: string]: unknown
      }
      name?: string
      /** @description Made from the name when not given. */
      slug?: string
    }
    ChangeRoleBody: {
      description?: string
      permissions?: string[]
    }
    ChangeSsoConnectionBody: components['schemas']['ChangeConnectionBody']
    ChangeTenantWebhookBody: {
      description?: string
      enabled?: boolean
      /** @enum {string} */
      ordering?: 'none' | 'user'
      projectIds?: string[]
      types?: ('project.created' | 'project.changed' | 'project.archived' | 'auth.enabled' | 'auth.disabled' | 'auth.settings_changed' | 'auth.rotation_started' | 'auth.rotation_cancelled' | 'auth.key_rotated' | 'auth.provider_configured' | 'auth.provider_removed' | 'auth.captcha_configured' | 'auth.captcha_removed' | 'mail.sender_configured' | 'mail.sender_removed' | 'mail.sender_failing' | 'mail.sender_ready' | 'mail.bounced' | 'mail.complained' | 'mail.project_limited' | 'mail.template_changed' | 'mail.template_failed' | 'domain.added' | 'domain.verified' | 'domain.failing' | 'domain.lost' | 'domain.main_changed' | 'domain.handed_over' | 'domain.received' | 'webhook.disabled' | 'hook.failing' | 'hook.recovered' | 'usage.threshold' | 'usage.sign_ups_paused' | 'usage.sign_ups_resumed' | 'domain.removed' | 'runtime_env.changed' | 'user.signed_up' | 'user.created' | 'user.changed' | 'user.updated' | 'user.disabled' | 'user.enabled' | 'user.deleted' | 'user.erased' | 'user.invited' | 'user.invitation_accepted' | 'user.email_confirmed' | 'user.email_changed' | 'user.email_change_undone' | 'user.password_changed' | 'user.password_reset' | 'user.recovery_requested' | 'user.recovered' | 'user.factors_reset' | 'user.sessions_ended' | 'user.evicted' | 'session.started' | 'session.new_device' | 'session.ended' | 'session.reuse_detected' | 'factor.added' | 'factor.removed' | 'factor.recovery_code_used' | 'factor.recovery_codes_created' | 'passkey.sign_count_regressed' | 'identity.linked' | 'identity.unlinked' | 'organization.created' | 'organization.changed' | 'organization.deleted' | 'organization.member_added' | 'organization.member_changed' | 'organization.member_removed' | 'organization.member_invited' | 'organization.invitation_declined' | 'email_domain.added' | 'email_domain.verified' | 'email_domain.removed' | 'sso.connection_created' | 'sso.connection_changed' | 'sso.connection_removed' | 'sso.key_created' | 'sso.key_used' | 'sso.key_removed' | 'sso.certificate_expiring' | 'sso.metadata_refreshed' | 'sso.break_glass_granted' | 'sso.break_glass_revoked' | 'sso.bypassed' | 'sso.signed_in' | 'sso.logout_refused' | 'organization.transferred' | 'setup_link.opened' | 'setup_link.finished' | 'directory.created' | 'directory.changed' | 'directory.removed')[]
      /** Format: uri */
      url?: string
    }
    ChangeUserBody: components['schemas']['ChangeEndUserBody']
    ChangeWebhookBody: {
      description?: string
      enabled?: boolean
      /** @enum {string} */
      ordering?: 'none' | 'user'
      types?: ('project.created' | 'project.changed' | 'project.archived' | 'auth.enabled' | 'auth.disabled' | 'auth.settings_changed' | 'auth.rotation_started' | 'auth.rotation_cancelled' | 'auth.key_rotated' | 'auth.provider_configured' | 'auth.provider_removed' | 'auth.captcha_configured' | 'auth.captcha_removed' | 'mail.sender_configured' | 'mail.sender_removed' | 'mail.sender_failing' | 'mail.sender_ready' | 'mail.bounced' | 'mail.complained' | 'mail.project_limited' | 'mail.template_changed' | 'mail.template_failed' | 'domain.added' | 'domain.verified' | 'domain.failing' | 'domain.lost' | 'domain.main_changed' | 'domain.handed_over' | 'domain.received' | 'webhook.disabled' | 'hook.failing' | 'hook.recovered' | 'usage.threshold' | 'usage.sign_ups_paused' | 'usage.sign_ups_resumed' | 'domain.removed' | 'runtime_env.changed' | 'user.signed_up' | 'user.created' | 'user.changed' | 'user.updated' | 'user.disabled' | 'user.enabled' | 'user.deleted' | 'user.erased' | 'user.invited' | 'user.invitation_accepted' | 'user.email_confirmed' | 'user.email_changed' | 'user.email_change_undone' | 'user.password_changed' | 'user.password_reset' | 'user.recovery_requested' | 'user.recovered' | 'user.factors_reset' | 'user.sessions_ended' | 'user.evicted' | 'session.started' | 'session.new_device' | 'session.ended' | 'session.reuse_detected' | 'factor.added' | 'factor.removed' | 'factor.recovery_code_used' | 'factor.recovery_codes_created' | 'passkey.sign_count_regressed' | 'identity.linked' | 'identity.unlinked' | 'organization.created' | 'organization.changed' | 'organization.deleted' | 'organization.member_added' | 'organization.member_changed' | 'organization.member_removed' | 'organization.member_invited' | 'organization.invitation_declined' | 'email_domain.added' | 'email_domain.verified' | 'email_domain.removed' | 'sso.connection_created' | 'sso.connection_changed' | 'sso.connection_removed' | 'sso.key_created' | 'sso.key_used' | 'sso.key_removed' | 'sso.certificate_expiring' | 'sso.metadata_refreshed' | 'sso.break_glass_granted' | 'sso.break_glass_revoked' | 'sso.bypassed' | 'sso.signed_in' | 'sso.logout_refused' | 'organization.transferred' | 'setup_link.opened' | 'setup_link.finished' | 'directory.created' | 'directory.changed' | 'directory.removed')[]
      /** Format: uri */
      url?: string
    }
    ConsoleAccessBody: components['schemas']['AccessBody']
    ConsoleArrivedQuery: {
      /** @description A path of the console to go on to. */
      next?: string
    }
    ConsoleCallbackQuery: {
      /** @description The one-time code. */
      code?: string
      /** @description Why there is no code. */
      error?: string
      /** @description The same in words. */
      errorDescription?: string
      /** @description Of an outside issuer (RFC 9207). */
      iss?: string
      /** @description What the sign-in began with. */
      state?: string
    }
    ConsoleSession: {
      /**
       * @description What every page says: `open`, everybody who reaches the console is its owner; `demo`, what is shown is made up, and nothing can be changed.
       * @enum {string|null}
       */
      banner: 'open' | 'demo' | null
      dataPlaneUrl: string
      /** @description There are projects and people that are not real; `POST /console/demo` shows them. */
      demo: boolean
      /** @description Development: mails are kept to be looked at, at `/console/inbox`. */
      devInbox: boolean
      /** @description Mode `oidc`: the same for members who may use a password or passkey (`break_glass`). */
      localSignInUrl: string | null
      /**
       * @description How the console may be opened (`PORTICO_CONSOLE_ACCESS`).
       * @enum {string}
       */
      mode: 'open' | 'token' | 'password' | 'oidc'
      /** @description The environment says the mode; it cannot be chosen in the console. */
      modeIsConfigured: boolean
      permissions: components['schemas']['Permission'][]
      publicUrl: string
      role: string | null
      /** @description There is no member yet. `POST /console/setup` makes the first owner. */
      setupRequired: boolean
      signedIn: boolean
      /** @description Where to send the browser, with `next` for where it should come back to; null where nobody is asked. */
      signInUrl: string | null
      tenant: components['schemas']['TenantName'] | null
      tenants: components['schemas']['Membership'][]
      user: components['schemas']['Person'] | null
      version: string
    }
    ConsoleSetUpBody: components['schemas']['SetUpBody']
    ConsoleSignIn: {
      /** @description Names of settings that follow from the configuration. */
      fixed: string[]
      settings: components['schemas']['Settings']
    }
    ConsoleSignInQuery: {
      /** @description With mode `oidc`, the own page, for members with `break_glass`. */
      local?: boolean
      /** @description Set by this route itself, on the way to the public address. */
      moved?: boolean
      /** @description A path of the console to come back to. */
      next?: string
    }
    ConsoleTenantBody: components['schemas']['SwitchTenantBody']
    ConsoleTokenBody: components['schemas']['TokenBody']
    CreateApiKeyBody: {
      /** Format: date-time */
      expiresAt?: string | null
      /**
       * @description Only the beginning of the key differs.
       * @enum {string}
       */
      mode?: 'live' | 'test'
      name: string
      projectIds?: string[] | null
      readOnly?: boolean
      scopes: ('projects:read' | 'projects:write' | 'auth:read' | 'auth:write' | 'users:read' | 'users:write' | 'env:read' | 'domains:write' | 'audit:read' | 'keys:write' | 'clients:forward' | 'tenants:write' | 'stats.read' | 'webhooks.read' | 'webhooks.manage' | 'team.read' | 'team.manage' | 'owners.manage' | 'settings.users.manage')[]
    }
    CreateConnectionBody: {
      attributes?: components['schemas']['AttributesBody']
      /** @description Whether people without an account get one. Default: true. */
      createUsers?: boolean
      /** @description Proven mail domains that it answers for, all of them. */
      domains?: string[]
      /** @description Whether people of its domains come in by it alone. */
      enforce?: boolean
      /** @description Of people whose groups say nothing; `null`: the role they have stays, `member` at first. */
      fallbackRole?: string | null
      /** @description Whether those who may break the glass still come in without it. */
      localLogin?: boolean
      name: string
      oidc?: components['schemas']['OidcBody']
      /** @description The organization whose people come in by it; absent: those of the whole project. */
      organizationId?: string
      /** @enum {string} */
      protocol: 'oidc' | 'saml'
      /** @description The first group of the person that stands here says their role in the organization, at each sign-in. */
      roles?: components['schemas']['RoleMappingBody'][]
      saml?: components['schemas']['SamlBody']
      /**
       * @description `draft` leads nobody anywhere, `testing` only who asks for it by its id.
       * @enum {string}
       */
      state?: 'draft' | 'testing' | 'active'
    }
    CreateDirectoryBody: {
      /** @description Attributes of users beside those of RFC 7643; replaced as a whole. */
      customSchema?: {
        attributes: {
          multiValued?: boolean
          name: string
          /** @enum {string} */
          type?: 'string' | 'boolean' | 'integer' | 'decimal' | 'dateTime'
        }[]
        /** @description A URN of your own. */
        id: string
        name: string
      } | null
      fallbackRole?: string | null
      /** @description The first one whose group somebody is in gives their role. */
      groupRoles?: {
        /** @description The name of a group of the directory, in any case. */
        group: string
        /** @description A role of the organization. */
        role: string
      }[]
      name: string
      organizationId?: string
    }
    CreateDirectoryTokenBody: {
      /** Format: date-time */
      expiresAt?: string
    }
    CreateEndUserBody: {
      appMetadata?: {
        [key: string]: unknown
      }
      /** Format: email */
      email: string
      emailVerified?: boolean
      /** @description Any JSON object of yours, at most 16 KiB. */
      metadata?: {
        [key: string]: unknown
      }
      /** @description 8 to 256 characters; not a common one. */
      password?: string
    }
    CreateOrganizationBody: {
      adminId?: string
      logoUrl?: string
      metadata?: {
        [key: string]: unknown
      }
      name: string
      slug?: string
    }
    CreateProjectBody: {
      externalProjectId?: string | null
      /** @description Any JSON object of yours, at most 16 KiB. */
      metadata?: {
        [key: string]: unknown
      }
      name: string
      /** @enum {string} */
      resourceType?: 'project' | 'sandbox' | 'deployment'
      /** @description Made from the name when not given. */
      slug?: string
    }
    CreateRoleBody: {
      description?: string
      name: string
      permissions: string[]
    }
    CreateSetupLinkBody: {
      connectionId?: string
    }
    CreateSsoConnectionBody: components['schemas']['CreateConnectionBody']
    CreateTenantBody: {
      name: string
      slug?: string
    }
    CreateTenantWebhookBody: {
      description?: string
      /** @enum {string} */
      ordering?: 'none' | 'user'
      projectIds?: string[]
      types?: ('project.created' | 'project.changed' | 'project.archived' | 'auth.enabled' | 'auth.disabled' | 'auth.settings_changed' | 'auth.rotation_started' | 'auth.rotation_cancelled' | 'auth.key_rotated' | 'auth.provider_configured' | 'auth.provider_removed' | 'auth.captcha_configured' | 'auth.captcha_removed' | 'mail.sender_configured' | 'mail.sender_removed' | 'mail.sender_failing' | 'mail.sender_ready' | 'mail.bounced' | 'mail.complained' | 'mail.project_limited' | 'mail.template_changed' | 'mail.template_failed' | 'domain.added' | 'domain.verified' | 'domain.failing' | 'domain.lost' | 'domain.main_changed' | 'domain.handed_over' | 'domain.received' | 'webhook.disabled' | 'hook.failing' | 'hook.recovered' | 'usage.threshold' | 'usage.sign_ups_paused' | 'usage.sign_ups_resumed' | 'domain.removed' | 'runtime_env.changed' | 'user.signed_up' | 'user.created' | 'user.changed' | 'user.updated' | 'user.disabled' | 'user.enabled' | 'user.deleted' | 'user.erased' | 'user.invited' | 'user.invitation_accepted' | 'user.email_confirmed' | 'user.email_changed' | 'user.email_change_undone' | 'user.password_changed' | 'user.password_reset' | 'user.recovery_requested' | 'user.recovered' | 'user.factors_reset' | 'user.sessions_ended' | 'user.evicted' | 'session.started' | 'session.new_device' | 'session.ended' | 'session.reuse_detected' | 'factor.added' | 'factor.removed' | 'factor.recovery_code_used' | 'factor.recovery_codes_created' | 'passkey.sign_count_regressed' | 'identity.linked' | 'identity.unlinked' | 'organization.created' | 'organization.changed' | 'organization.deleted' | 'organization.member_added' | 'organization.member_changed' | 'organization.member_removed' | 'organization.member_invited' | 'organization.invitation_declined' | 'email_domain.added' | 'email_domain.verified' | 'email_domain.removed' | 'sso.connection_created' | 'sso.connection_changed' | 'sso.connection_removed' | 'sso.key_created' | 'sso.key_used' | 'sso.key_removed' | 'sso.certificate_expiring' | 'sso.metadata_refreshed' | 'sso.break_glass_granted' | 'sso.break_glass_revoked' | 'sso.bypassed' | 'sso.signed_in' | 'sso.logout_refused' | 'organization.transferred' | 'setup_link.opened' | 'setup_link.finished' | 'directory.created' | 'directory.changed' | 'directory.removed')[]
      /** Format: uri */
      url: string
    }
    CreateUserBody: components['schemas']['CreateEndUserBody']
    CreateWebhookBody: {
      description?: string
      /** @enum {string} */
      ordering?: 'none' | 'user'
      types?: ('project.created' | 'project.changed' | 'project.archived' | 'auth.enabled' | 'auth.disabled' | 'auth.settings_changed' | 'auth.rotation_started' | 'auth.rotation_cancelled' | 'auth.key_rotated' | 'auth.provider_configured' | 'auth.provider_removed' | 'auth.captcha_configured' | 'auth.captcha_removed' | 'mail.sender_configured' | 'mail.sender_removed' | 'mail.sender_failing' | 'mail.sender_ready' | 'mail.bounced' | 'mail.complained' | 'mail.project_limited' | 'mail.template_changed' | 'mail.template_failed' | 'domain.added' | 'domain.verified' | 'domain.failing' | 'domain.lost' | 'domain.main_changed' | 'domain.handed_over' | 'domain.received' | 'webhook.disabled' | 'hook.failing' | 'hook.recovered' | 'usage.threshold' | 'usage.sign_ups_paused' | 'usage.sign_ups_resumed' | 'domain.removed' | 'runtime_env.changed' | 'user.signed_up' | 'user.created' | 'user.changed' | 'user.updated' | 'user.disabled' | 'user.enabled' | 'user.deleted' | 'user.erased' | 'user.invited' | 'user.invitation_accepted' | 'user.email_confirmed' | 'user.email_changed' | 'user.email_change_undone' | 'user.password_changed' | 'user.password_reset' | 'user.recovery_requested' | 'user.recovered' | 'user.factors_reset' | 'user.sessions_ended' | 'user.evicted' | 'session.started' | 'session.new_device' | 'session.ended' | 'session.reuse_detected' | 'factor.added' | 'factor.removed' | 'factor.recovery_code_used' | 'factor.recovery_codes_created' | 'passkey.sign_count_regressed' | 'identity.linked' | 'identity.unlinked' | 'organization.created' | 'organization.changed' | 'organization.deleted' | 'organization.member_added' | 'organization.member_changed' | 'organization.member_removed' | 'organization.member_invited' | 'organization.invitation_declined' | 'email_domain.added' | 'email_domain.verified' | 'email_domain.removed' | 'sso.connection_created' | 'sso.connection_changed' | 'sso.connection_removed' | 'sso.key_created' | 'sso.key_used' | 'sso.key_removed' | 'sso.certificate_expiring' | 'sso.metadata_refreshed' | 'sso.break_glass_granted' | 'sso.break_glass_revoked' | 'sso.bypassed' | 'sso.signed_in' | 'sso.logout_refused' | 'organization.transferred' | 'setup_link.opened' | 'setup_link.finished' | 'directory.created' | 'directory.changed' | 'directory.removed')[]
      /** Format: uri */
      url: string
    }
    DecideDeviceLoginBody: components['schemas']['DeviceDecisionBody']
    Deleted: {
      /** @constant */
      deleted: true
      id: string
    }
    Delivery: {
      /**
       * @description `not_configured`: no mail provider is set up; the mail is not sent.
       * @enum {string}
       */
      delivery: 'queued' | 'not_configured'
      /** @constant */
      ok: true
    }
    /** @description What the `User-Agent` says; whoever sends it may say anything. */
    Device: {
      browser: string | null
      system: string | null
    }
    DeviceCode: {
      /** @description For the program alone. */
      deviceCode: string
      /** @description Seconds. */
      expiresIn: number
      /** @description Seconds between two questions. */
      interval: number
      /** @description For the person. */
      userCode: string
      /** Format: uri */
      verificationUri: string
      /**
       * Format: uri
       * @description With the code in it.
       */
      verificationUriComplete: string
    }
    DeviceCodeBody: {
      clientName: string
    }
    DeviceDecisionBody: {
      /** @enum {string} */
      decision?: 'approve' | 'deny'
      userCode: string
    }
    DeviceLogin: {
      clientName: string
      /** Format: date-time */
      createdAt: string
      device: components['schemas']['Device']
      /** Format: date-time */
      expiresAt: string
      ip: string | null
      /** @enum {string} */
      state: 'pending' | 'approved' | 'denied'
      userCode: string
    }
    DeviceTokenBody: {
      deviceCode: string
    }
    DevInboxPageQuery: {
      to?: string
    }
    DevInboxQuery: {
      /** @description Only mails to this address. */
      to?: string
    }
    Directory: {
      /** Format: date-time */
      createdAt: string
      /** @description Attributes of users beside those of RFC 7643. */
      customSchema: {
        attributes: {
          multiValued: boolean
          name: string
          /** @enum {string} */
          type: 'string' | 'boolean' | 'integer' | 'decimal' | 'dateTime'
        }[]
        id: string
        name: string
      } | null
      /** @description Of people in none of these groups; `null`, they do not belong to the organization. */
      fallbackRole: string | null
      /** @description The first one whose group somebody is in gives their role. */
      groupRoles: components['schemas']['GroupRole'][]
      /** Format: uuid */
      id: string
      /** Format: date-time */
      lastUsedAt: string | null
      name: string
      /** Format: uuid */
      organizationId: string | null
      /**
       * Format: uri
       * @description What an identity provider calls the tenant URL, base URL or SCIM endpoint.
       */
      scimUrl: string
      /** Format: date-time */
      updatedAt: string
    }
    DirectoryEvent: {
      /** Format: date-time */
      createdAt: string
      /** @description Why it was refused, or what of it was not done. */
      detail: string | null
      /** Format: uuid */
      id: string
      method: string
      /** @enum {string} */
      resource: 'User' | 'Group'
      resourceId: string | null
      status: number
    }
    DirectoryToken: {
      /** Format: date-time */
      createdAt: string
      /** Format: date-time */
      expiresAt: string | null
      /** Format: uuid */
      id: string
      /** Format: date-time */
      lastUsedAt: string | null
      prefix: string
    }
    Domain: {
      /** Format: date-time */
      checkedAt: string | null
      /** Format: date-time */
      createdAt: string
      hostname: string
      /** @description Printed with the prefix `dom_`; paths take the bare UUID too. */
      id: string
      /** @description Mailed links lead there, and tokens may name it. */
      main: boolean
      /** Format: date-time */
      proofMissingSince: string | null
      /** @description What to publish. `found` is of the last look; `null` before the first. */
      records: {
        found: boolean | null
        name: string
        /** @enum {string} */
        type: 'TXT' | 'CNAME'
        value: string
      }[]
      /** @description Passkeys are made for this host. Without the domain none of them works. */
      relyingParty: boolean
      /**
       * @description `pending`: not proved. `verified`: proved, and its DNS does not lead here yet. `serving`. `failing`: its proof is gone, and it serves until `stops_at`.
       * @enum {string}
       */
      state: 'pending' | 'verified' | 'serving' | 'failing'
      /**
       * Format: date-time
       * @description When it stops unless its proof comes back.
       */
      stopsAt: string | null
      verification: {
        name: string
        /** @constant */
        type: 'TXT'
        value: string
      }
      verified: boolean
      /** Format: date-time */
      verifiedAt: string | null
    }
    EmailDomain: {
      /**
       * Format: uuid
       * @description The connection that answers for its people.
       */
      connectionId: string | null
      /** Format: date-time */
      createdAt: string
      domain: string
      /** Format: uuid */
      id: string
      /**
       * Format: uuid
       * @description `null`: of the project itself.
       */
      organizationId: string | null
      verification: {
        name: string
        /** @constant */
        type: 'TXT'
        value: string
      }
      verified: boolean
      /** Format: date-time */
      verifiedAt: string | null
    }
    EnableAuthBody: components['schemas']['SettingsInput'] & {
      /** @description Changes `site_url`, `rp_id` or `providers` although people who have no other way in are locked out (`passkeys_stranded` or `users_stranded` otherwise, with their number). */
      force?: boolean
    }
    /** @description Names and values. Managed auth gives `AUTH_URL`, `AUTH_JWT_SECRET` (64 hexadecimal characters, used as they are; always the secret that signs now), `AUTH_JWT_SECRET_NEXT`, and `AUTH_JWT_SECRET_PREVIOUS` while tokens from before the last rotation live; with ES256 `AUTH_URL` and `AUTH_JWKS_URL`. */
    Environment: {
      [key: string]: string
    }
    Erasure: {
      /** Format: date-time */
      createdAt: string
      /** @description How many rows of what. */
      destroyed: {
        [key: string]: number
      }
      /** Format: uuid */
      id: string
      /** @description What is left, and why. */
      kept: {
        [key: string]: string
      }
      /** @description A signed statement (JWS, ES256) of the same. */
      receipt: string
      /** Format: uuid */
      userId: string
    }
    ErasuresQuery: {
      /** @description The `next_cursor` of the page before. */
      cursor?: string
      limit?: number
      /** @description Instead of `cursor`. */
      page?: number
      /** @description Another name of `limit`. */
      pageSize?: number
    }
    Error: {
      error: {
        /**
         * @description One of the closed catalogue in `errors.md`.
         * @enum {string}
         */
        code: 'invalid_json' | 'invalid_request' | 'invalid_or_expired_token' | 'unauthenticated' | 'invalid_credentials' | 'invalid_token' | 'session_ended' | 'insufficient_scope' | 'forbidden' | 'email_not_confirmed' | 'auth_disabled' | 'signups_disabled' | 'provider_not_enabled' | 'origin_not_allowed' | 'reauthentication_required' | 'same_browser_required' | 'captcha_failed' | 'refused_by_app' | 'session_limit_reached' | 'not_found' | 'auth_not_enabled' | 'method_not_allowed' | 'conflict' | 'identity_taken' | 'last_way_in' | 'rotation_in_progress' | 'replay_in_progress' | 'idempotency_conflict' | 'idempotency_in_progress' | 'payload_too_large' | 'unsupported_media_type' | 'validation_error' | 'email_taken' | 'email_domain_not_allowed' | 'provider_test_failed' | 'mail_sender_refused' | 'weak_password' | 'conflicting_settings' | 'mixed_auth_pair' | 'rate_limited' | 'internal_error' | 'overloaded' | 'unavailable'
        /** @description What is wrong with which field. */
        details?: {
          code: string
          field: string
          message: string
        }[]
        /** @description For people; may be reworded. */
        message: string
        /** @description Also in `X-Request-ID`. */
        requestId: string
      }
    }
    EstimatedPage: {
      limit: number
      /** @description Give it as `cursor` for the next page; `null` on the last one. */
      nextCursor: string | null
      /** @description How many match in all. */
      total: number
      /**
       * @description Whether `total` was counted, or estimated by the statistics of the database.
       * @enum {string}
       */
      totalIs: 'exact' | 'estimated'
    }
    EventParty: {
      id: string | null
      type: string
    }
    EvictBody: {
      /** @description Whether the owner is mailed the way back. */
      recovery?: boolean
    }
    Evicted: {
      /**
       * @description The mail with the way back; null when none was asked for, the user is disabled, or the project has nowhere to lead it.
       * @enum {string|null}
       */
      recovery: 'queued' | 'not_configured' | null
      /** @description What was removed and still worked, by kind. */
      removed: {
        emailChanges: number
        exchangeCodes: number
        factors: number
        identities: number
        invitations: number
        linkFlows: number
        mailedCodes: number
        mailedLinks: number
        passkeyChallenges: number
        passkeys: number
        passwords: number
        pendingSignIns: number
        recoveryCodes: number
        sessions: number
        undoLinks: number
      }
    }
    EvictUserBody: components['schemas']['EvictBody']
    ExportUsersQuery: {
      /**
       * Format: date-time
       * @description At or after.
       */
      createdSince?: string
      /**
       * Format: date-time
       * @description Before.
       */
      createdUntil?: string
      /** @description The domain of the address, whole; not its subdomains. */
      domain?: string
      /** @description A whole address. */
      email?: string
      /** @enum {string} */
      format?: 'ndjson' | 'csv'
      /** @description A whole id. */
      id?: string
      /**
       * Format: date-time
       * @description At or after; nobody who never signed in.
       */
      lastSignInSince?: string
      /**
       * Format: date-time
       * @description Before; nobody who never signed in.
       */
      lastSignInUntil?: string
      /** @description Who can sign in with it: `password`, `passkey`, or a linked identity's provider (`google`, `oidc:acme` …). */
      provider?: string
      /** @description Another name of `search`. */
      q?: string
      /**
       * @description The beginning of an address (`ada`, `ada@exa`) or of its domain (`example.c`, `@example.c`), or a whole id. Letter case and the spelling of
       *     international domains do not matter.
       */
      search?: string
      /**
       * @description Any of `confirmed`, `unconfirmed`, `enabled`, `disabled`, `mfa` (has a second factor or a passkey), `never_signed_in`, separated by commas; all of them
       *     must hold.
       */
      state?: string
    }
    GroupRole: {
      /** @description The name of a group of the directory, in any case. */
      group: string
      /** @description A role of the organization. */
      role: string
    }
    HandOverDomainBody: {
      force?: boolean
      projectId: string
    }
    Health: {
      checks?: {
        [key: string]: 'up' | 'down'
      }
      status: string
      /** @description The release that runs; of `/health/live`. */
      version?: string
    }
    Heartbeat: {
      current: boolean
      envVersion: number
      heartbeatSeconds: number
      /** @description Printed with the prefix `inst_`; paths take the bare UUID too. */
      id: string
      /** Format: date-time */
      lastSeenAt: string
      latestEnvVersion: number
    }
    HeartbeatBody: components['schemas']['ReadsBody']
    Hook: {
      /** Format: date-time */
      createdAt: string
      enabled: boolean
      /**
       * Format: date-time
       * @description Since when it does not answer.
       */
      failingSince: string | null
      /** @enum {string} */
      hook: 'before_sign_up' | 'before_sign_in' | 'before_password_change' | 'token_claims' | 'on_new_device' | 'send_mail'
      id: string
      /**
       * @description What counts when the endpoint does not answer.
       * @enum {string}
       */
      onFailure: 'deny' | 'allow'
      /** Format: date-time */
      updatedAt: string
      url: string
    }
    HookTest: {
      answered: boolean
      /** @enum {string|null} */
      decision: 'allow' | 'deny' | null
      message: string | null
      /** @description Why there is no answer: `unreachable`, `too_slow`, `too_large`, `not_allowed`, `busy`, `circuit_open`, `refused`, `invalid_answer`, `failed`. */
      reason: string | null
    }
    HookWithSecret: {
      /** Format: date-time */
      createdAt: string
      enabled: boolean
      /**
       * Format: date-time
       * @description Since when it does not answer.
       */
      failingSince: string | null
      /** @enum {string} */
      hook: 'before_sign_up' | 'before_sign_in' | 'before_password_change' | 'token_claims' | 'on_new_device' | 'send_mail'
      id: string
      /**
       * @description What counts when the endpoint does not answer.
       * @enum {string}
       */
      onFailure: 'deny' | 'allow'
      /** @description `whsec_` and base64, when it is new; `null` where it was answered before. */
      secret: string | null
      /** Format: date-time */
      updatedAt: string
      url: string
    }
    Instance: {
      /** Format: date-time */
      bootedAt: string
      /** @description Whether a boot now would get the same version. */
      current: boolean
      /** Format: date-time */
      endedAt: string | null
      /** @description What it was booted with. */
      envVersion: number
      /** @description Printed with the prefix `inst_`; paths take the bare UUID too. */
      id: string
      /** Format: date-time */
      lastSeenAt: string
      /** @description Not ended, and heard of within 90 seconds. */
      live: boolean
      /** @description Any JSON object of yours, at most 16 KiB. */
      metadata: {
        [key: string]: unknown
      }
      name: string | null
      /** @description Printed with the prefix `proj_`; paths take the bare UUID too. */
      projectId: string
      reads: components['schemas']['ReadsSaid']
    }
    InviteBody: {
      appMetadata?: {
        [key: string]: unknown
      }
      /** Format: email */
      email: string
      metadata?: {
        [key: string]: unknown
      }
      /**
       * Format: uri
       * @description Where the mailed link leads; exactly one of the redirect URLs.
       */
      redirectTo?: string
    }
    InvitedMember: components['schemas']['Member'] & {
      /** @description Whether an invitation is on its way; an account that is in use needs none. */
      mailed: boolean
    }
    InviteEndUserBody: components['schemas']['InviteBody']
    InviteMemberBody: components['schemas']['InviteToTeamBody']
    InviteOrganizationMemberBody: components['schemas']['InviteToOrganizationBody']
    InviteToOrganizationBody: {
      email: string
      redirectTo?: string
      role?: string
    }
    InviteToTeamBody: {
      breakGlass?: boolean
      email: string
      role: string
    }
    Key: {
      /** @enum {string} */
      alg: 'HS256' | 'ES256'
      /** Format: date-time */
      createdAt: string
      kid: string
      /**
       * @description standby: known everywhere, does not sign yet. current: signs. retired: verifies until `verify_until`.
       * @enum {string}
       */
      state: 'standby' | 'current' | 'retired'
      /** Format: date-time */
      verifyUntil: string | null
    }
    ListApiKeysQuery: {
      /** @description The `next_cursor` of the page before. */
      cursor?: string
      limit?: number
      /** @description Instead of `cursor`. */
      page?: number
      /** @description Another name of `limit`. */
      pageSize?: number
    }
    ListDirectoriesQuery: {
      organizationId?: string
    }
    ListDirectoryEventsQuery: {
      /** @description The `next_cursor` of the page before. */
      cursor?: string
      limit?: number
      /** @description Instead of `cursor`. */
      page?: number
      /** @description Another name of `limit`. */
      pageSize?: number
      refused?: boolean
    }
    ListEmailDomainsQuery: {
      /** @description Only those of this organization. */
      organizationId?: string
    }
    ListInstancesQuery: {
      /** @description The `next_cursor` of the page before. */
      cursor?: string
      limit?: number
      /** @description Only live ones. */
      live?: boolean
      /** @description Instead of `cursor`. */
      page?: number
      /** @description Another name of `limit`. */
      pageSize?: number
    }
    ListMailsQuery: {
      address?: string
      /** @description The `next_cursor` of the page before. */
      cursor?: string
      limit?: number
      /** @description Instead of `cursor`. */
      page?: number
      /** @description Another name of `limit`. */
      pageSize?: number
      /** @enum {string} */
      state?: 'queued' | 'sent' | 'delayed' | 'delivered' | 'bounced' | 'complained' | 'suppressed' | 'skipped' | 'not_sent' | 'failed'
    }
    ListOrganizationMembersQuery: {
      /** @description The `next_cursor` of the page before. */
      cursor?: string
      limit?: number
      /** @description Instead of `cursor`. */
      page?: number
      /** @description Another name of `limit`. */
      pageSize?: number
    }
    ListOrganizationRolesQuery: {
      organizationId?: string
    }
    ListOrganizationsQuery: {
      /** @description The `next_cursor` of the page before. */
      cursor?: string
      limit?: number
      /** @description Instead of `cursor`. */
      page?: number
      /** @description Another name of `limit`. */
      pageSize?: number
      q?: string
      search?: string
      /**
       * @description With `-` in front, the last first. Default, the newest first. A cursor belongs to the order that it was given in.
       * @enum {string}
       */
      sort?: 'created_at' | '-created_at' | 'name' | '-name'
    }
    ListProjectsQuery: {
      /** @description `true`: only archived ones. Default: only live ones. */
      archived?: boolean
      /** @description The `next_cursor` of the page before. */
      cursor?: string
      externalProjectId?: string
      limit?: number
      /** @description Instead of `cursor`. */
      page?: number
      /** @description Another name of `limit`. */
      pageSize?: number
      /** @description Part of name or slug; `search` is another name of it. */
      q?: string
      search?: string
      /**
       * @description With `-` in front, the last first. Default, the newest first. A cursor belongs to the order that it was given in.
       * @enum {string}
       */
      sort?: 'created_at' | '-created_at' | 'name' | '-name'
    }
    ListSsoConnectionsQuery: {
      /** @description Only those of this organization. */
      organizationId?: string
    }
    ListTenantsQuery: {
      /** @description The `next_cursor` of the page before. */
      cursor?: string
      limit?: number
      /** @description Instead of `cursor`. */
      page?: number
      /** @description Another name of `limit`. */
      pageSize?: number
    }
    ListTenantWebhookDeliveriesQuery: {
      /** @description The `next_cursor` of the page before. */
      cursor?: string
      limit?: number
      /** @description Instead of `cursor`. */
      page?: number
      /** @description Another name of `limit`. */
      pageSize?: number
      /** @enum {string} */
      status?: 'pending' | 'delivered' | 'failed'
    }
    ListUsersQuery: {
      /**
       * Format: date-time
       * @description At or after.
       */
      createdSince?: string
      /**
       * Format: date-time
       * @description Before.
       */
      createdUntil?: string
      /** @description The `next_cursor` of the page before. */
      cursor?: string
      /** @description The domain of the address, whole; not its subdomains. */
      domain?: string
      /** @description A whole address. */
      email?: string
      /** @description A whole id. */
      id?: string
      /**
       * Format: date-time
       * @description At or after; nobody who never signed in.
       */
      lastSignInSince?: string
      /**
       * Format: date-time
       * @description Before; nobody who never signed in.
       */
      lastSignInUntil?: string
      limit?: number
      /** @description Instead of `cursor`. */
      page?: number
      /** @description Another name of `limit`. */
      pageSize?: number
      /** @description Who can sign in with it: `password`, `passkey`, or a linked identity's provider (`google`, `oidc:acme` …). */
      provider?: string
      /** @description Another name of `search`. */
      q?: string
      /**
       * @description The beginning of an address (`ada`, `ada@exa`) or of its domain (`example.c`, `@example.c`), or a whole id. Letter case and the spelling of
       *     international domains do not matter.
       */
      search?: string
      /**
       * @description With `-` the greatest first. By the last sign-in those who never signed in count as the oldest. Default: `-created_at`, and `email` where `search`
       *     can only be the beginning of an address or of a domain after `@`.
       * @enum {string}
       */
      sort?: 'created_at' | '-created_at' | 'email' | '-email' | 'last_sign_in_at' | '-last_sign_in_at'
      /**
       * @description Any of `confirmed`, `unconfirmed`, `enabled`, `disabled`, `mfa` (has a second factor or a passkey), `never_signed_in`, separated by commas; all of them
       *     must hold.
       */
      state?: string
    }
    ListWebhookDeliveriesQuery: {
      /** @description The `next_cursor` of the page before. */
      cursor?: string
      limit?: number
      /** @description Instead of `cursor`. */
      page?: number
      /** @description Another name of `limit`. */
      pageSize?: number
      /** @enum {string} */
      status?: 'pending' | 'delivered' | 'failed'
    }
    Mail: {
      code: string | null
      /** Format: date-time */
      createdAt: string
      html: string
      /** Format: uuid */
      id: string
      link: string | null
      /** @description Printed with the prefix `proj_`; paths take the bare UUID too. */
      projectId: string
      subject: string
      text: string
      to: string
    }
    /** @description By what became of them, in the hour in which they ended. */
    MailCounts: {
      dead: number
      notSent: number
      sent: number
      skipped: number
    }
    MailSender: {
      /** Format: date-time */
      createdAt: string
      dnsRecords: {
        name: string
        priority: number | null
        status: string
        type: string
        value: string
      }[] | null
      domain: string | null
      failing: {
        code: string
        detail: string | null
        /** Format: date-time */
        since: string
      } | null
      from: string
      host: string | null
      /** Format: uuid */
      id: string
      /** @enum {unknown} */
      kind: 'smtp' | 'resend' | 'resend_domain'
      port: number | null
      retries: number | null
      /** @enum {unknown} */
      security: 'tls' | 'starttls' | 'none' | null
      /**
       * @description `pending`: its domain is not verified. `failing`: refused; the next sender takes the mails.
       * @enum {unknown}
       */
      state: 'pending' | 'ready' | 'failing'
      /** Format: date-time */
      updatedAt: string
      user: string | null
      /** @description Of kind `resend`: where its webhook at Resend reports to, at the address of this API. */
      webhookPath: string | null
      webhookSecretSet: boolean
    }
    MailTemplate: {
      /** Format: date-time */
      createdAt: string
      /**
       * Format: date-time
       * @description When it could not be rendered, so that a mail went out in our words.
       */
      failedAt: string | null
      html: string
      inUse: boolean
      locale: string
      subject: string
      template: string
      text: string
      version: number
    }
    Me: {
      apiKey: components['schemas']['ApiKey'] | null
      permissions: components['schemas']['Permission'][]
      /** @description The projects that an API key is limited to; null is all of the tenant. */
      projectIds: string[] | null
      role: string | null
      tenant: components['schemas']['TenantName']
      tenants: components['schemas']['Membership'][]
      /**
       * @description `open`: a console that asks nobody who they are.
       * @enum {string}
       */
      type: 'user' | 'api_key' | 'open'
      user: components['schemas']['Person'] | null
    }
    Member: {
      /** @description May sign in with password or passkey although the console asks an outside issuer. */
      breakGlass: boolean
      /** Format: date-time */
      createdAt: string
      email: string | null
      /** Format: date-time */
      lastSignInAt: string | null
      name: string | null
      role: string
      /**
       * @description Whose word the role is: the team's, or that of the outside issuer's groups.
       * @enum {string}
       */
      source: 'team' | 'oidc'
      /** @enum {string} */
      state: 'active' | 'invited' | 'disabled' | 'deleted'
      /** Format: date-time */
      updatedAt: string
      /** Format: uuid */
      userId: string
    }
    MemberRoleBody: {
      role: string
    }
    /** @description A tenant that the person is a member of. */
    Membership: {
      id: string
      name: string
      role: string
    }
    MetadataMappingBody: {
      attribute: string
      key: string
    }
    NewApiKey: components['schemas']['ApiKey'] & {
      /** @description The key itself; shown only here. */
      key: string
    }
    NewDirectoryToken: components['schemas']['DirectoryToken'] & {
      /** @description Shown here and never again. */
      token: string
    }
    NewSetupLink: components['schemas']['SetupLink'] & {
      /**
       * Format: uri
       * @description Shown here and never again.
       */
      url: string
    }
    OidcBody: {
      clientId?: string
      /** @description Left out: the stored one is kept, unless the issuer changes. */
      clientSecret?: string
      issuer?: string
      scopes?: string[] | null
    }
    Organization: {
      /** Format: date-time */
      createdAt: string
      /** @description Mail domains that it has proved to be its own. */
      domains: string[]
      /** Format: uuid */
      id: string
      /** Format: uri */
      logoUrl: string | null
      metadata: {
        [key: string]: unknown
      }
      name: string
      slug: string
      /** Format: date-time */
      updatedAt: string
    }
    OrganizationInvitation: {
      /** Format: date-time */
      createdAt: string
      email: string
      /** Format: date-time */
      expiresAt: string
      /** Format: uuid */
      id: string
      /** Format: uuid */
      organizationId: string
      organizationName: string
      role: string
    }
    OrganizationMember: {
      /** Format: date-time */
      createdAt: string
      email: string
      emailVerified: boolean
      role: string
      /** Format: uuid */
      userId: string
    }
    OrganizationRole: {
      key: string
      name: string
      /** @description `null`: of every organization of the project. */
      organizationId: string | null
      permissions: string[]
    }
    Page: {
      limit: number
      /** @description Give it as `cursor` for the next page; `null` on the last one. */
      nextCursor: string | null
      /** @description How many match in all, where that is counted. */
      total?: number
    }
    PagePreview: {
      /** Format: date-time */
      expiresAt: string
      /** Format: uri */
      url: string
    }
    /** @description What somebody may do; see `docs/console-access.md`. */
    Permission: string
    Person: {
      email: string | null
      /** Format: uuid */
      id: string
      name: string | null
    }
    PreviewMailTemplateBody: {
      /** @description As in the settings; the saved one when absent. */
      branding?: components['schemas']['BrandingInput']
      html?: string
      subject?: string
      text?: string
    }
    PreviewPageBody: {
      /** @description As in the settings; the saved one when absent. */
      branding?: components['schemas']['BrandingInput']
      /**
       * @description The project's `default_locale` when absent.
       * @enum {string}
       */
      locale?: 'en' | 'de' | 'fr' | 'es' | 'pt-BR' | 'it' | 'nl' | 'pl' | 'tr' | 'ja' | 'zh-Hans' | 'ko' | 'ar' | 'he' | 'hi'
      /** @enum {string} */
      page: 'sign-in' | 'sign-up' | 'forgot' | 'inbox' | 'second-step' | 'enrol' | 'recovery-codes' | 'organization' | 'account' | 'signed-out' | 'reset' | 'confirm' | 'invitation' | 'magic-link' | 'link-gone'
      /**
       * @description What the reader is taken to prefer; `light` when absent.
       * @enum {string}
       */
      scheme?: 'light' | 'dark'
    }
    Project: {
      /**
       * Format: date-time
       * @description Set by DELETE; purged 30 days later.
       */
      archivedAt: string | null
      /** Format: date-time */
      createdAt: string
      /** @description Your own id of it; unique in the tenant and type. */
      externalProjectId: string | null
      /** @description Printed with the prefix `proj_`; paths take the bare UUID too. */
      id: string
      /** @description Any JSON object of yours, at most 16 KiB. */
      metadata: {
        [key: string]: unknown
      }
      name: string
      /** @enum {string} */
      resourceType: 'project' | 'sandbox' | 'deployment'
      slug: string
      /** @description Printed with the prefix `tnt_`; paths take the bare UUID too. */
      tenantId: string
      /** Format: date-time */
      updatedAt: string
    }
    ProjectAuditLogQuery: {
      action?: string
      actorId?: string
      /** @description The `next_cursor` of the page before. */
      cursor?: string
      limit?: number
      /** @description Instead of `cursor`. */
      page?: number
      /** @description Another name of `limit`. */
      pageSize?: number
      /**
       * Format: date-time
       * @description At or after.
       */
      since?: string
      /**
       * Format: date-time
       * @description Before.
       */
      until?: string
      /** @description Only what this user did, or what was done to them. */
      userId?: unknown
    }
    ProjectAuth: {
      authUrl: string | null
      config: {
        emailConfirmRequired: boolean
        signupEnabled: boolean
        tokenExpirySec: number
      }
      /** Format: date-time */
      createdAt: string
      /** @description Users have no database of their own; for clients that read the field. */
      databaseId: null
      enabled: boolean
      /** @description Printed with the prefix `proj_`; paths take the bare UUID too. */
      projectId: string
      provider: string | null
      resourceId: string
      /** @enum {string} */
      resourceType: 'project' | 'sandbox' | 'deployment'
      /**
       * @description The same as `enabled`, in the words of the published clients.
       * @enum {string}
       */
      state: 'enabled' | 'disabled'
      /** Format: date-time */
      updatedAt: string
    }
    ProjectAuthConfigBody: components['schemas']['ProjectAuthInput']
    ProjectAuthDisableBody: components['schemas']['ProjectAuthInput']
    ProjectAuthEnableBody: components['schemas']['ProjectAuthInput']
    /** @description Settings may stand in `config` or beside it. */
    ProjectAuthInput: {
      config?: components['schemas']['SettingsInput']
      /** @description Your id of it, or a project id. */
      resourceId: string
      /** @enum {string} */
      resourceType: 'project' | 'sandbox' | 'deployment'
    } & {
      [key: string]: unknown
    }
    ProjectAuthStatusQuery: {
      resourceId: string
      /** @enum {string} */
      resourceType: 'project' | 'sandbox' | 'deployment'
    }
    ProjectEvent: {
      actor: components['schemas']['EventParty']
      /** Format: date-time */
      createdAt: string
      /** @description Ids, reasons and names of fields, as in the audit log. */
      data: {
        [key: string]: unknown
      }
      /** @description Printed with the prefix `evt_`. */
      id: string
      projectId: string
      resource: components['schemas']['EventParty']
      type: string
      /** @constant */
      version: 1
    }
    ProjectEventsQuery: {
      /** @description The `next_cursor` of the page before. */
      cursor?: string
      limit?: number
      /** @description Instead of `cursor`. */
      page?: number
      /** @description Another name of `limit`. */
      pageSize?: number
      /** @description Only these, with commas. */
      types?: ('tenant.created' | 'api_key.created' | 'api_key.revoked' | 'member.invited' | 'member.added' | 'member.changed' | 'member.removed' | 'role.created' | 'role.changed' | 'role.removed' | 'console.access_changed' | 'console.sign_in_changed' | 'project.created' | 'project.changed' | 'project.archived' | 'auth.enabled' | 'auth.disabled' | 'auth.settings_changed' | 'auth.rotation_started' | 'auth.rotation_cancelled' | 'auth.key_rotated' | 'auth.provider_configured' | 'auth.provider_removed' | 'auth.captcha_configured' | 'auth.captcha_removed' | 'mail.sender_configured' | 'mail.sender_removed' | 'mail.sender_failing' | 'mail.sender_ready' | 'mail.bounced' | 'mail.complained' | 'mail.project_limited' | 'mail.address_released' | 'mail.template_changed' | 'mail.test_sent' | 'mail.template_failed' | 'domain.added' | 'domain.verified' | 'domain.failing' | 'domain.lost' | 'domain.main_changed' | 'domain.handed_over' | 'domain.received' | 'webhook.created' | 'webhook.changed' | 'webhook.removed' | 'webhook.secret_rotated' | 'webhook.replayed' | 'webhook.disabled' | 'hook.configured' | 'hook.removed' | 'hook.secret_rotated' | 'hook.failing' | 'hook.recovered' | 'audit.retention_changed' | 'audit.stream_set' | 'audit.stream_removed' | 'audit.stream_failing' | 'audit.stream_recovered' | 'usage.threshold' | 'usage.sign_ups_paused' | 'usage.sign_ups_resumed' | 'domain.removed' | 'runtime_env.changed' | 'instance.booted' | 'runtime_env.read' | 'user.signed_up' | 'user.created' | 'user.changed' | 'user.updated' | 'user.disabled' | 'user.enabled' | 'user.deleted' | 'user.erased' | 'user.invited' | 'user.invitation_accepted' | 'user.email_confirmed' | 'user.email_change_requested' | 'user.email_change_cancelled' | 'user.email_changed' | 'user.email_change_undone' | 'user.password_changed' | 'user.password_reset' | 'user.recovery_requested' | 'user.recovered' | 'user.factors_reset' | 'user.sessions_ended' | 'user.exported' | 'user.evicted' | 'session.started' | 'session.new_device' | 'session.raised' | 'session.ended' | 'session.refreshed_late' | 'session.reuse_detected' | 'sign_in.refused' | 'factor.added' | 'factor.removed' | 'factor.code_refused' | 'factor.recovery_code_used' | 'factor.recovery_codes_created' | 'passkey.renamed' | 'passkey.sign_count_regressed' | 'identity.linked' | 'identity.unlinked' | 'link.opened_by_scanner' | 'organization.created' | 'organization.changed' | 'organization.deleted' | 'organization.member_added' | 'organization.member_changed' | 'organization.member_removed' | 'organization.member_invited' | 'organization.invitation_revoked' | 'organization.invitation_declined' | 'email_domain.added' | 'email_domain.verified' | 'email_domain.removed' | 'sso.connection_created' | 'sso.connection_changed' | 'sso.connection_removed' | 'sso.key_created' | 'sso.key_used' | 'sso.key_removed' | 'sso.certificate_expiring' | 'sso.metadata_refreshed' | 'sso.test_started' | 'sso.break_glass_granted' | 'sso.break_glass_revoked' | 'sso.bypassed' | 'sso.signed_in' | 'sso.logout_refused' | 'organization.transferred' | 'organization.role_set' | 'organization.role_removed' | 'setup_link.created' | 'setup_link.opened' | 'setup_link.finished' | 'setup_link.revoked' | 'directory.created' | 'directory.changed' | 'directory.removed' | 'directory.token_created' | 'directory.token_removed')[]
    }
    ProjectMail: {
      attempts: number
      /** Format: date-time */
      createdAt: string
      /** Format: date-time */
      deliveryAt: string | null
      /** @description What the sender said. */
      detail: string | null
      /** Format: date-time */
      doneAt: string | null
      /** Format: uuid */
      id: string
      /** @description See events.md. */
      kind: string
      /** Format: date-time */
      nextAttemptAt: string | null
      /** @description A code: `smtp_550_5.1.1`, `no_account`, `recipient_mail_limit` … */
      reason: string | null
      /**
       * @description `sent`: the sender took it. `skipped`: there was nothing to send, such as a reset for an unknown address. `not_sent`: no sender is configured. `failed`: given up.
       * @enum {unknown}
       */
      state: 'queued' | 'sent' | 'delayed' | 'delivered' | 'bounced' | 'complained' | 'suppressed' | 'skipped' | 'not_sent' | 'failed'
      /** @description `null`: not decided yet. */
      to: string | null
    }
    ProjectStats: {
      /**
       * Format: date-time
       * @description Every event until then is in the figures. Null before a worker has counted.
       */
      asOf: string | null
      buckets: components['schemas']['StatsBucket'][]
      /** Format: date-time */
      from: string
      funnel: components['schemas']['StatsFunnel']
      /** @enum {string} */
      interval: 'hour' | 'day'
      projectId: string
      /** Format: date-time */
      to: string
      totals: components['schemas']['ProjectTotals']
    }
    ProjectStatsQuery: {
      /**
       * Format: date-time
       * @description The hour or day of UTC in which this instant lies. Default, 24 hours or 30 days before the end.
       */
      from?: string
      /**
       * @description At most 744 hours or 400 days at once.
       * @enum {string}
       */
      interval?: 'hour' | 'day'
      /**
       * Format: date-time
       * @description Before. Default, now.
       */
      to?: string
    }
    ProjectTotals: {
      /** @description Of UTC. */
      activeThisMonth: number
      /** @description Of UTC. */
      activeToday: number
      confirmed: number
      /** Format: date-time */
      countedAt: string | null
      disabled: number
      mailsWaiting: number
      openSessions: number
      people: number
    }
    ProjectUsageQuery: {
      /** @description The `next_cursor` of the page before. */
      cursor?: string
      /**
       * Format: date-time
       * @description The day or month of UTC in which this instant lies. Default, the first of this month, or of the one eleven months before.
       */
      from?: string
      /** @enum {string} */
      interval?: 'day' | 'month'
      limit?: number
      /** @description Instead of `cursor`. */
      page?: number
      /** @description Another name of `limit`. */
      pageSize?: number
      /**
       * Format: date-time
       * @description Before. Default, now. At most 400 days after `from`.
       */
      to?: string
    }
    ReadRuntimeEnvQuery: {
      /** @enum {string} */
      format?: 'json' | 'dotenv' | 'shell' | 'k8s-secret'
    }
    /** @description The variables the process reads, such as `['AUTH_JWT_SECRET', 'AUTH_JWT_SECRET_NEXT']`. A rotation switches by itself once every running instance has the next secret and reads it. Not said: it counts as one that reads `AUTH_JWT_SECRET` only. */
    Reads: string[]
    ReadsBody: {
      reads?: components['schemas']['Reads']
    }
    /** @description The variables the process reads, as it said; `null` when it never did. */
    ReadsSaid: string[] | null
    RedeemDeviceLoginBody: components['schemas']['DeviceTokenBody']
    RemoveAuthProviderQuery: {
      /** @description Remove it although people are locked out. */
      force?: boolean
    }
    RemoveDomainQuery: {
      /** @description Remove it although people are locked out. */
      force?: boolean
    }
    RemoveOrganizationRoleQuery: {
      organizationId?: string
    }
    ReplayTenantWebhooksBody: components['schemas']['ReplayWebhooksBody']
    ReplayWebhooksBody: {
      /**
       * Format: date-time
       * @description At or after; at most 30 days back.
       */
      since: string
      /**
       * Format: date-time
       * @description Before; no later than now, which is the default.
       */
      until?: string
    }
    Role: {
      builtIn: boolean
      description: string
      name: string
      permissions: components['schemas']['Permission'][]
    }
    RoleMappingBody: {
      group: string
      role: string
    }
    RotateSecretBody: {
      deadlineSeconds?: number
      /** @enum {string} */
      mode?: 'staged' | 'immediate'
    }
    Rotation: {
      /** @description Signed before. */
      fromKid: string
      /** @enum {string} */
      mode: 'staged' | 'immediate'
      /** @description Is handed out as the next secret after the switch. */
      newStandbyKid: string
      /** @description While it waits, those that read only `AUTH_JWT_SECRET` and are to be restarted right after the switch. Once it is done, every running instance that cannot check new tokens until it is restarted. */
      restartAfterSwitch: components['schemas']['WaitingInstance'][]
      /** Format: date-time */
      startedAt: string
      /** @enum {string} */
      state: 'waiting' | 'done'
      /**
       * Format: date-time
       * @description The deadline; `null` once switched.
       */
      switchesAt: string | null
      /** @description Signs next. */
      toKid: string
      /** @description Running instances that hold the switch up, since they lack the next secret or do not read it; the first 1,000. */
      waitingFor: components['schemas']['WaitingInstance'][]
      /** @description How many there are. */
      waitingForCount: number
      /** @description Only for `immediate`: running instances whose secrets stopped working. */
      willBreak?: components['schemas']['WaitingInstance'][]
    }
    RotationPlan: {
      rotation: components['schemas']['Rotation'] | null
    }
    RuntimeEnv: {
      env: components['schemas']['Environment']
      envVersion: number
    }
    SamlBody: {
      /** @enum {string} */
      binding?: 'redirect' | 'post'
      /** @description PEM, RSA with 2,048 bits or more; several while the identity provider changes its key. */
      certificates?: string[]
      entityId?: string
      /** @description Whether a sign-in may begin at the identity provider; it then begins at `site_url?sso_connection_id=…` once more. Default: false. */
      idpInitiated?: boolean
      metadataUrl?: string | null
      metadataXml?: string
      nameIdFormat?: string | null
      /**
       * @description What the identity provider signs; `any` takes either. Default: any.
       * @enum {string}
       */
      signed?: 'assertion' | 'response' | 'both' | 'any'
      signRequests?: boolean
      /** @enum {string} */
      sloBinding?: 'redirect' | 'post'
      sloUrl?: string | null
      ssoUrl?: string
    }
    SendTestMailBody: {
      to: string
    }
    Session: {
      amr: string[]
      /** Format: date-time */
      createdAt: string
      device: components['schemas']['Device']
      /** Format: uuid */
      id: string
      ip: string | null
      /** Format: date-time */
      lastUsedAt: string
      userAgent: string | null
    }
    SessionsEnded: {
      sessionsEnded: number
    }
    SetAuditRetentionBody: {
      days?: number | null
    }
    SetAuditStreamBody: {
      accessKeyId?: string
      bucket?: string
      endpoint?: string
      /** @enum {string} */
      kind: 'https' | 's3'
      prefix?: string
      region?: string
      secretAccessKey?: string
      url?: string
    }
    SetAuthProviderBody: components['schemas']['SetProviderBody']
    SetBrandImageBody: components['schemas']['BrandImageBody']
    SetCaptchaBody: {
      /** @enum {string} */
      provider: 'turnstile' | 'hcaptcha'
      /** @description Required unless the site key stays the same. */
      secret?: string
      siteKey: string
    }
    SetHookBody: {
      enabled?: boolean
      /**
       * @description What counts when the endpoint does not answer. Default, deny.
       * @enum {string}
       */
      onFailure?: 'deny' | 'allow'
      /**
       * Format: uri
       * @description Where the app answers, https. Needed the first time.
       */
      url?: string
    }
    SetMailSenderBody: {
      apiKey?: string
      from: string
      host?: string
      /** @enum {string} */
      kind: 'smtp' | 'resend' | 'resend_domain'
      password?: string
      port?: number
      retries?: number | null
      /** @enum {string} */
      security?: 'tls' | 'starttls' | 'none'
      user?: string
      webhookSecret?: string | null
    }
    SetMailTemplateBody: {
      html: string
      subject: string
      text: string
    }
    SetOrganizationRoleBody: components['schemas']['SetRoleBody']
    SetOrganizationRoleQuery: {
      organizationId?: string
    }
    SetProviderBody: {
      /**
       * Format: uri
       * @description GitHub Enterprise Server.
       */
      baseUrl?: string | null
      clientId: string
      /** @description For Apple the private key (.p8, PEM). */
      clientSecret?: string
      /**
       * Format: uri
       * @description oidc:<name>. Where the metadata are, where that is not the issuer and /.well-known/openid-configuration.
       */
      discoveryUrl?: string | null
      /**
       * Format: uri
       * @description oidc:<name>. What the metadata and the ID tokens must name as their issuer, where it is not the issuer (Azure AD B2C).
       */
      expectedIssuer?: string | null
      /**
       * @description oidc:<name>. The one algorithm of ID tokens. Null: those that the metadata list, HS256 never: with HS256 tokens are signed with the client secret (LINE).
       * @enum {string|null}
       */
      idTokenSignedResponseAlg?: 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512' | 'EdDSA' | 'Ed25519' | 'HS256' | null
      /**
       * Format: uri
       * @description Required for oidc:<name>, unless discovery_url and expected_issuer are both given; a self-managed GitLab. An address that is not on the public Internet is refused.
       */
      issuer?: string | null
      /** @description Apple. */
      keyId?: string | null
      /** @description oidc:<name>. Whether an ID token without the nonce is refused. Null: where the metadata list nonce among claims_supported. A nonce that is there must be the right one; PKCE is used always. */
      requireNonce?: boolean | null
      scopes?: string[] | null
      /** @description Apple. */
      teamId?: string | null
      /** @description Microsoft: common (default), organizations, consumers, a directory id or domain. */
      tenant?: string | null
      /**
       * @description How the client authenticates at the token endpoint. Null: what the metadata list, the body first; without a list Basic, then the body. Not for apple and github.
       * @enum {string|null}
       */
      tokenEndpointAuthMethod?: 'client_secret_post' | 'client_secret_basic' | 'client_secret_jwt' | null
    }
    SetRoleBody: {
      name: string
      permissions: string[]
    }
    SetTenantMailSenderBody: components['schemas']['SetMailSenderBody']
    Settings: {
      /** @description Life of an access token. */
      accessTokenTtlSeconds: number
      /** @description Browser origins that may call (CORS); empty: any origin, without credentials. */
      allowedOrigins: string[]
      /** @description Whether strangers may sign up. */
      allowSignups: boolean
      /** @description Refuses sign-ups from known throw-away mail domains. */
      blockDisposableEmail: boolean
      /** @description How hosted pages look: name, colours, radius, font, links. A change replaces the whole object. */
      branding: {
        colour?: string
        colourDark?: string
        /** @enum {string} */
        font?: 'system' | 'humanist' | 'geometric' | 'serif' | 'slab' | 'mono'
        icon?: string
        logo?: string
        name?: string
        poweredBy?: boolean
        /** Format: uri */
        privacyUrl?: string
        radius?: number
        /** Format: uri */
        supportUrl?: string
        /** Format: uri */
        termsUrl?: string
      }
      /** @description The captcha that browsers solve; set by `PUT /auth/captcha`, which takes the secret too. */
      captcha: {
        /** @enum {string} */
        provider: 'turnstile' | 'hcaptcha'
        siteKey: string
      } | null
      /** @description A new password account is confirmed by the API only with its password or the mailed code; our own page always asks for one of them. */
      confirmInSameBrowser: boolean
      /**
       * @description Language of pages and mails for whom neither address, user nor browser says another.
       * @enum {string}
       */
      defaultLocale: 'en' | 'de' | 'fr' | 'es' | 'pt-BR' | 'it' | 'nl' | 'pl' | 'tr' | 'ja' | 'zh-Hans' | 'ko' | 'ar' | 'he' | 'hi'
      /** @description When the account of somebody whom a directory (SCIM) deleted is deleted; 0: at once; `null`: never, it stays disabled. */
      directoryDeleteAfterDays: number | null
      /** @description Domains whose addresses may sign up, subdomains included; empty: all but the blocked ones. */
      emailDomainsAllowed: string[]
      /** @description Domains whose addresses may not sign up, subdomains included. */
      emailDomainsBlocked: string[]
      /** @description Sign-up only for invited addresses. */
      invitedOnly: boolean
      /**
       * Format: uri
       * @description A list of leaked passwords that new ones are looked up in by k-anonymity, such as `https://api.pwnedpasswords.com/range`; `null`: none is asked.
       */
      leakedPasswordUrl: string | null
      /** @description Limit buckets. A change is merged bucket by bucket; `null` restores the default of one. */
      limits: {
        /** @description Changes that one signed-in user makes; 120 in 900 s unless set. */
        change_account: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        }
        /** @description Guesses of mailed codes for one address; 15 in 900 s unless set. */
        code_account: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        }
        /** @description Changes of address that one user asks for; 5 in 3600 s unless set. */
        email_change_account: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        }
        /** @description Guesses of second factors of one user; 5 in 900 s unless set. */
        factor_account: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        }
        /** @description Guesses of second factors from one client address; 300 in 900 s unless set. */
        factor_client: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        }
        /** @description Password logins for one address; 10 in 900 s unless set. */
        login_account: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        }
        /** @description Failed password logins from one client address; 20 in 900 s unless set. */
        login_client: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        }
        /** @description Mails of one purpose to one address; 1 in 60 s unless set. */
        mail_account: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        }
        /** @description Mails asked for from one client address; 20 in 900 s unless set. */
        mail_client: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        }
        /** @description Mails of the project; 10000 in 86400 s unless set. */
        mail_project: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        }
        /** @description Sign-ins with a provider that are started from one client address; 60 in 900 s unless set. */
        oauth_client: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        }
        /** @description Passwords rated for one client address; 120 in 900 s unless set. */
        password_check_client: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        }
        /** @description Password resets for one address; 5 in 900 s unless set. */
        reset_account: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        }
        /** @description Password resets from one client address; 20 in 900 s unless set. */
        reset_client: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        }
        /** @description Sign-ups from one client address; 20 in 900 s unless set. */
        signup_client: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        }
        /** @description Single sign-on requests from one client address; 20 in 60 s unless set. */
        sso_client: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        }
        /** @description Mailed tokens tried from one client address; 30 in 900 s unless set. */
        token_client: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        }
      }
      /** @description Shown as the sender of mails, before the address of whichever sender takes them. */
      mailFromName: string | null
      /**
       * @description Where a mailed link leads without a `redirect_to`: `hosted`, our own page; `app`, `site_url`, which has to handle every kind of link.
       * @enum {string}
       */
      mailLinks: 'hosted' | 'app'
      /**
       * Format: email
       * @description Where answers to mails go; `null`: to the sender.
       */
      mailReplyTo: string | null
      /** @description Sessions a user may have at once; `null`: no limit. */
      maxActiveSessions: number | null
      /** @description People active in a month of UTC: then sign-ups pause until the next, log-ins never; `null`: no limit. */
      maxMonthlyActive: number | null
      /** @description People the project may have: then sign-ups pause (within 15 s), log-ins never; `null`: no limit. */
      maxPeople: number | null
      /**
       * @description Second factors. `optional`: asked of users who have one. `required`: every sign-in ends with one.
       * @enum {string}
       */
      mfa: 'off' | 'optional' | 'required'
      /** @description Mails people when a session begins on a device that was not seen before (family of browser and system, network), with a link that puts everybody out. */
      newDeviceMail: boolean
      /**
       * @description Who says what roles in organizations permit. `project`: operators alone. `organization`: the admins of each make roles of its own too, of the permissions that the project’s roles have.
       * @enum {string}
       */
      organizationRoles: 'project' | 'organization'
      /**
       * @description Organizations inside the project. `managed`: operators make them, people use them. `self_service`: people make their own too.
       * @enum {string}
       */
      organizations: 'off' | 'managed' | 'self_service'
      /** @description Characters that a new password needs. */
      passwordMinLength: number
      /** @description Ways to sign in: `email` (password), `magic_link`, `email_otp`, `passkey`, `google`, `github`, `microsoft`, `apple`, `gitlab`, `oidc:<name>`. */
      providers: string[]
      /** @description What `redirect_to` may be besides `site_url`, letter by letter: pages, hash routes, URLs of an app (`myapp://callback`); at most 100. */
      redirectUrls: string[]
      /** @description How long a refresh token whose child is unused gives that child to another user agent; the same user agent gets it at any age. */
      refreshGraceSeconds: number
      /**
       * @description `cookie`: the refresh token travels in an HttpOnly cookie that scripts cannot read.
       * @enum {string}
       */
      refreshTokenTransport: 'body' | 'cookie'
      /** @description An account of a provider that its owner disconnected may join again by its vouched address alone; else only by connecting it again. */
      relinkByAddress: boolean
      /** @description No session before the address is confirmed. */
      requireEmailConfirmation: boolean
      /** @description WebAuthn relying party id; `null`: the host of `site_url`. */
      rpId: string | null
      /** @description Longest life of a session, used or not; `null`: no end. */
      sessionAbsoluteSeconds: number | null
      /** @description A session that is not used for so long has ended. */
      sessionIdleSeconds: number
      /**
       * @description What a sign-in beyond `max_active_sessions` does.
       * @enum {string}
       */
      sessionLimitPolicy: 'end_oldest' | 'refuse'
      /**
       * @description Hosted pages for sign-in, sign-up and account. `required`: the app shows nothing to strangers (for its middleware). `disabled`: there are none.
       * @enum {string}
       */
      signInGate: 'auto' | 'required' | 'disabled'
      /**
       * @description `instant`: a token at once. `private`: the same answer for new and known addresses.
       * @enum {string}
       */
      signupMode: 'instant' | 'private'
      /**
       * Format: uri
       * @description Where the app is: where people go back to from our pages.
       */
      siteUrl: string | null
      /**
       * @description Signs the access tokens. A change is a staged rotation.
       * @enum {string}
       */
      tokenAlgorithm: 'HS256' | 'ES256'
      /** @description The `aud` of access tokens. `null`: they have none, so that no library asks for one. */
      tokenAudience: string | null
      /** @description What access tokens say besides: `app_metadata` (what operators wrote of the person, at most 2 KiB), as it was when the token was made. */
      tokenClaims: 'app_metadata'[]
      /**
       * @description The `iss` of access tokens, and `AUTH_URL` of the environment: the address below ours, or the main verified domain (docs/own-domain.md).
       * @enum {string}
       */
      tokenIssuer: 'platform' | 'main_domain'
      /**
       * @description The `typ` of access tokens. `JWT` verifies in every library without an option; `at+jwt` is RFC 9068.
       * @enum {string}
       */
      tokenTypeHeader: 'JWT' | 'at+jwt'
    }
    /** @description Any of the settings; `null` restores a default. Two synonyms that disagree are refused (`conflicting_settings`). */
    SettingsInput: {
      /** @description Life of an access token. */
      accessTokenTtlSeconds?: number | null
      /** @description Browser origins that may call (CORS); empty: any origin, without credentials. */
      allowedOrigins?: string[] | null
      /** @description Synonym of `allow_signups`. */
      allowSignups?: boolean | null
      /** @description Refuses sign-ups from known throw-away mail domains. */
      blockDisposableEmail?: boolean | null
      /** @description How hosted pages look: name, colours, radius, font, links. A change replaces the whole object. */
      branding?: {
        colour?: string | null
        colourDark?: string | null
        font?: ('system' | 'humanist' | 'geometric' | 'serif' | 'slab' | 'mono') | null
        icon?: string | null
        logo?: string | null
        name?: string | null
        poweredBy?: boolean | null
        privacyUrl?: string | null
        radius?: number | null
        supportUrl?: string | null
        termsUrl?: string | null
      } | null
      /** @description A new password account is confirmed by the API only with its password or the mailed code; our own page always asks for one of them. */
      confirmInSameBrowser?: boolean | null
      /**
       * @description Language of pages and mails for whom neither address, user nor browser says another.
       * @enum {string|null}
       */
      defaultLocale?: 'en' | 'de' | 'fr' | 'es' | 'pt-BR' | 'it' | 'nl' | 'pl' | 'tr' | 'ja' | 'zh-Hans' | 'ko' | 'ar' | 'he' | 'hi' | null
      /** @description When the account of somebody whom a directory (SCIM) deleted is deleted; 0: at once; `null`: never, it stays disabled. */
      directoryDeleteAfterDays?: number | null
      /** @description Synonym of `require_email_confirmation`. */
      emailConfirmRequired?: boolean | null
      /** @description Domains whose addresses may sign up, subdomains included; empty: all but the blocked ones. */
      emailDomainsAllowed?: string[] | null
      /** @description Domains whose addresses may not sign up, subdomains included. */
      emailDomainsBlocked?: string[] | null
      /** @description Sign-up only for invited addresses. */
      invitedOnly?: boolean | null
      /**
       * Format: uri
       * @description A list of leaked passwords that new ones are looked up in by k-anonymity, such as `https://api.pwnedpasswords.com/range`; `null`: none is asked.
       */
      leakedPasswordUrl?: string | null
      /** @description Limit buckets. A change is merged bucket by bucket; `null` restores the default of one. */
      limits?: {
        /** @description Changes that one signed-in user makes; 120 in 900 s unless set. */
        change_account?: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        } | null
        /** @description Guesses of mailed codes for one address; 15 in 900 s unless set. */
        code_account?: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        } | null
        /** @description Changes of address that one user asks for; 5 in 3600 s unless set. */
        email_change_account?: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        } | null
        /** @description Guesses of second factors of one user; 5 in 900 s unless set. */
        factor_account?: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        } | null
        /** @description Guesses of second factors from one client address; 300 in 900 s unless set. */
        factor_client?: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        } | null
        /** @description Password logins for one address; 10 in 900 s unless set. */
        login_account?: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        } | null
        /** @description Failed password logins from one client address; 20 in 900 s unless set. */
        login_client?: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        } | null
        /** @description Mails of one purpose to one address; 1 in 60 s unless set. */
        mail_account?: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        } | null
        /** @description Mails asked for from one client address; 20 in 900 s unless set. */
        mail_client?: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        } | null
        /** @description Mails of the project; 10000 in 86400 s unless set. */
        mail_project?: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        } | null
        /** @description Sign-ins with a provider that are started from one client address; 60 in 900 s unless set. */
        oauth_client?: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        } | null
        /** @description Passwords rated for one client address; 120 in 900 s unless set. */
        password_check_client?: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        } | null
        /** @description Password resets for one address; 5 in 900 s unless set. */
        reset_account?: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        } | null
        /** @description Password resets from one client address; 20 in 900 s unless set. */
        reset_client?: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        } | null
        /** @description Sign-ups from one client address; 20 in 900 s unless set. */
        signup_client?: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        } | null
        /** @description Single sign-on requests from one client address; 20 in 60 s unless set. */
        sso_client?: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        } | null
        /** @description Mailed tokens tried from one client address; 30 in 900 s unless set. */
        token_client?: {
          /** @description Uses. */
          points: number
          /** @description In so many seconds. */
          window_seconds: number
        } | null
      } | null
      /** @description Shown as the sender of mails, before the address of whichever sender takes them. */
      mailFromName?: string | null
      /**
       * @description Where a mailed link leads without a `redirect_to`: `hosted`, our own page; `app`, `site_url`, which has to handle every kind of link.
       * @enum {string|null}
       */
      mailLinks?: 'hosted' | 'app' | null
      /**
       * Format: email
       * @description Where answers to mails go; `null`: to the sender.
       */
      mailReplyTo?: string | null
      /** @description Sessions a user may have at once; `null`: no limit. */
      maxActiveSessions?: number | null
      /** @description People active in a month of UTC: then sign-ups pause until the next, log-ins never; `null`: no limit. */
      maxMonthlyActive?: number | null
      /** @description People the project may have: then sign-ups pause (within 15 s), log-ins never; `null`: no limit. */
      maxPeople?: number | null
      /**
       * @description Second factors. `optional`: asked of users who have one. `required`: every sign-in ends with one.
       * @enum {string|null}
       */
      mfa?: 'off' | 'optional' | 'required' | null
      /** @description Mails people when a session begins on a device that was not seen before (family of browser and system, network), with a link that puts everybody out. */
      newDeviceMail?: boolean | null
      /**
       * @description Who says what roles in organizations permit. `project`: operators alone. `organization`: the admins of each make roles of its own too, of the permissions that the project’s roles have.
       * @enum {string|null}
       */
      organizationRoles?: 'project' | 'organization' | null
      /**
       * @description Organizations inside the project. `managed`: operators make them, people use them. `self_service`: people make their own too.
       * @enum {string|null}
       */
      organizations?: 'off' | 'managed' | 'self_service' | null
      /** @description Characters that a new password needs. */
      passwordMinLength?: number | null
      /** @description Synonym of `providers`. */
      provider?: string | string[] | null
      /** @description Ways to sign in: `email` (password), `magic_link`, `email_otp`, `passkey`, `google`, `github`, `microsoft`, `apple`, `gitlab`, `oidc:<name>`. */
      providers?: string[] | null
      /** @description What `redirect_to` may be besides `site_url`, letter by letter: pages, hash routes, URLs of an app (`myapp://callback`); at most 100. */
      redirectUrls?: string[] | null
      /** @description How long a refresh token whose child is unused gives that child to another user agent; the same user agent gets it at any age. */
      refreshGraceSeconds?: number | null
      /**
       * @description `cookie`: the refresh token travels in an HttpOnly cookie that scripts cannot read.
       * @enum {string|null}
       */
      refreshTokenTransport?: 'body' | 'cookie' | null
      /** @description An account of a provider that its owner disconnected may join again by its vouched address alone; else only by connecting it again. */
      relinkByAddress?: boolean | null
      /** @description No session before the address is confirmed. */
      requireEmailConfirmation?: boolean | null
      /** @description WebAuthn relying party id; `null`: the host of `site_url`. */
      rpId?: string | null
      /** @description Longest life of a session, used or not; `null`: no end. */
      sessionAbsoluteSeconds?: number | null
      /** @description A session that is not used for so long has ended. */
      sessionIdleSeconds?: number | null
      /**
       * @description What a sign-in beyond `max_active_sessions` does.
       * @enum {string|null}
       */
      sessionLimitPolicy?: 'end_oldest' | 'refuse' | null
      /**
       * @description Hosted pages for sign-in, sign-up and account. `required`: the app shows nothing to strangers (for its middleware). `disabled`: there are none.
       * @enum {string|null}
       */
      signInGate?: 'auto' | 'required' | 'disabled' | null
      /** @description Synonym of `allow_signups`. */
      signupEnabled?: boolean | null
      /**
       * @description `instant`: a token at once. `private`: the same answer for new and known addresses.
       * @enum {string|null}
       */
      signupMode?: 'instant' | 'private' | null
      /**
       * Format: uri
       * @description Where the app is: where people go back to from our pages.
       */
      siteUrl?: string | null
      /**
       * @description Signs the access tokens. A change is a staged rotation.
       * @enum {string|null}
       */
      tokenAlgorithm?: 'HS256' | 'ES256' | null
      /** @description The `aud` of access tokens. `null`: they have none, so that no library asks for one. */
      tokenAudience?: string | null
      /** @description What access tokens say besides: `app_metadata` (what operators wrote of the person, at most 2 KiB), as it was when the token was made. */
      tokenClaims?: 'app_metadata'[] | null
      /** @description Synonym of `access_token_ttl_seconds`. */
      tokenExpirySec?: number | null
      /**
       * @description The `iss` of access tokens, and `AUTH_URL` of the environment: the address below ours, or the main verified domain (docs/own-domain.md).
       * @enum {string|null}
       */
      tokenIssuer?: 'platform' | 'main_domain' | null
      /**
       * @description The `typ` of access tokens. `JWT` verifies in every library without an option; `at+jwt` is RFC 9068.
       * @enum {string|null}
       */
      tokenTypeHeader?: 'JWT' | 'at+jwt' | null
    }
    SettingsPreview: {
      /** @description One for each setting that would be another. */
      changes: {
        effects: {
          /** @description How many people, sessions or instances; `null` where nothing is counted. */
          count: number | null
          /**
           * @description `from_now_on` (nobody who is there notices), `next_token`, `people_enrol`, `sessions_without_factor`, `factors_asked`,
           *     `factors_not_asked`, `people_must_confirm`, `people_may_enter`, `way_in_comes`, `way_in_goes`, `people_without_way_in`,
           *     `passkeys_stranded`, `redirects_refused`, `origins_refused`, `rotation_starts`, `tokens_refused`, `sessions_end`, `sessions_come_back`,
           *     `people_over_limit`, `apps_must_follow`. More may come.
           */
          kind: string
          /** @description One sentence. */
          text: string
        }[]
        /** @description The value of now. */
        from: unknown
        setting: string
        /** @description The value that was asked for. */
        to: unknown
      }[]
      /**
       * @description Up to 20,000 people and sessions are looked at; of more the newest ones, and what is found is scaled up.
       * @enum {string}
       */
      countsAre: 'exact' | 'estimated'
      /** @constant */
      dryRun: true
      /** @description What the change would be refused with, as it was asked for; `force` where that is in the way. */
      refused: {
        code: string
        details?: {
          code: string
          field: string
          message: string
        }[]
        message: string
      } | null
    }
    SetUpBody: {
      code?: string
      email: string
      name?: string
      password: string
    }
    SetupLink: {
      /**
       * Format: uuid
       * @description The connection that its holder sets up; null while none is made.
       */
      connectionId: string | null
      /** Format: date-time */
      createdAt: string
      /** Format: date-time */
      expiresAt: string
      /** Format: date-time */
      finishedAt: string | null
      /** Format: uuid */
      id: string
      /**
       * Format: uuid
       * @description Who made it among the people of the organization; null for operators.
       */
      madeBy: string | null
      /** Format: date-time */
      openedAt: string | null
      /** Format: uuid */
      organizationId: string
      /** Format: date-time */
      revokedAt: string | null
      /** @enum {string} */
      state: 'waiting' | 'open' | 'finished' | 'revoked' | 'expired'
    }
    SetVariableBody: {
      value: string
    }
    SetVariablesBody: {
      /** @description `null` deletes. Values up to 32 KiB; at most 200 variables. */
      variables: {
        [key: string]: string | null
      }
    }
    SsoAttempt: {
      /** Format: uuid */
      connectionId: string
      /** Format: date-time */
      createdAt: string
      /** Format: date-time */
      expiresAt: string
      /** Format: date-time */
      finishedAt: string | null
      /** Format: uuid */
      id: string
      report: components['schemas']['SsoReport'] | null
      /** @enum {string} */
      state: 'waiting' | 'started' | 'accepted' | 'refused'
      /** @description Run by an operator; nobody came in by it. */
      test: boolean
    }
    SsoConnection: {
      attributes: {
        email: string | null
        groups: string | null
        metadata: components['schemas']['MetadataMappingBody'][]
        name: string | null
      }
      /** Format: date-time */
      createdAt: string
      createUsers: boolean
      domains: string[]
      enforce: boolean
      fallbackRole: string | null
      /** Format: uuid */
      id: string
      localLogin: boolean
      name: string
      oidc: {
        clientId: string
        hasSecret: boolean
        issuer: string
        scopes: string[] | null
      } | null
      /**
       * Format: uuid
       * @description `null`: people of the whole project.
       */
      organizationId: string | null
      /** @enum {string} */
      protocol: 'oidc' | 'saml'
      roles: components['schemas']['RoleMappingBody'][]
      saml: {
        /** @enum {string} */
        binding: 'redirect' | 'post'
        certificates: {
          /** Format: date-time */
          expiresAt: string | null
          /** @description SHA-256. */
          fingerprint: string | null
          pem: string
        }[]
        entityId: string
        idpInitiated: boolean
        /** Format: date-time */
        metadataReadAt: string | null
        metadataUrl: string | null
        nameIdFormat: string | null
        /** @enum {string} */
        signed: 'assertion' | 'response' | 'both' | 'any'
        /** @description Whether our requests are signed; a key of ours is made with it. */
        signRequests: boolean
        /** @enum {string} */
        sloBinding: 'redirect' | 'post'
        /** @description Where the answer to a logout request of the identity provider goes; `null` when it signs nobody out here. */
        sloUrl: string | null
        ssoUrl: string
      } | null
      /** @description What the identity provider is told. */
      serviceProvider: {
        acsUrl?: string
        entityId?: string
        metadataUrl?: string
        redirectUri?: string
        sloUrl?: string
      }
      /** @enum {string} */
      state: 'draft' | 'testing' | 'active'
      /** Format: date-time */
      updatedAt: string
    }
    /** @description A key of ours; never its private half. */
    SsoKey: {
      /** @description PEM; vouches for itself. */
      certificate: string
      /** Format: date-time */
      createdAt: string
      /** Format: date-time */
      expiresAt: string
      /** @description SHA-256. */
      fingerprint: string | null
      /** Format: uuid */
      id: string
      signs: boolean
    }
    /** @description What came of it. Of a real sign-in no more than the audit log says; of a test everything that a signature covers. */
    SsoReport: {
      /**
       * @description The account that it opens; of a test, that it would open.
       * @enum {string|null}
       */
      account: 'known' | 'joined' | 'created' | null
      /** @description As the identity provider said it; of a test. */
      assertion: {
        attributes: {
          name: string
          values: string[]
        }[]
        nameIdFormat: string | null
        sessionIndex: string | null
        subject: string
      } | null
      /** @description Of a test. The answer of the identity provider, what the mapping makes of it, the account. `passed` is `null` for one that was not reached. */
      checks: {
        /** @enum {string} */
        check: 'answer' | 'mapping' | 'account'
        passed: boolean | null
      }[]
      /** @description Why, in words. */
      detail: string | null
      domainProven: boolean | null
      emailDomain: string | null
      /** @description Where two things should have been the same, such as the audience, ours. */
      expected: string | null
      /** @description And what came. */
      found: string | null
      /** Format: uuid */
      organizationId: string | null
      /** @description As the mapping reads them; of a test. */
      person: {
        email: string | null
        groups: string[]
        metadata: {
          key: string
          value: string | string[]
        }[]
        name: string | null
      } | null
      problem: string | null
      /** @description What an app is told; `null` when it was accepted. */
      refusal: string | null
      role: string | null
      /** @description The group that says the role. */
      roleGroup: string | null
      /** Format: uuid */
      userId: string | null
    }
    SsoTest: {
      /**
       * Format: uuid
       * @description Of the attempt.
       */
      id: string
      /** Format: date-time */
      openUntil: string
      /** @description Opened once, in any browser. */
      url: string
    }
    StartDeviceLoginBody: components['schemas']['DeviceCodeBody']
    StatsBucket: {
      /** @description People who used a session on this day of UTC, exactly. Null for an hour. */
      activePeople: number | null
      /** @description Addresses proven. */
      confirmed: number
      /** @description By an operator. */
      created: number
      deleted: number
      /** @description Refused sign-ins and codes. Of a flood the audit log notes the first attempts and every power of ten, so this is at least as many. */
      failures: number
      /** @description As the audit log gives them. */
      failuresByReason: {
        [key: string]: number
      }
      invited: number
      mails: components['schemas']['MailCounts']
      /** @description Used refresh tokens that came back. */
      reuseDetected: number
      sessionsEnded: number
      /** @description Sessions begun by a sign-in. The session of a sign-up is not among them. */
      signIns: number
      /** @description `password`, `oauth`, `passkey`, `email_otp`, `magic_link`, `other`. */
      signInsByMethod: {
        [key: string]: number
      }
      signUps: number
      /** @description `password`, `magic_link`, `email_otp` or the name of a provider. */
      signUpsByMethod: {
        [key: string]: number
      }
      /** Format: date-time */
      start: string
    }
    /** @description Of the people who joined in the window, how many have proven their address and signed in until now. */
    StatsFunnel: {
      confirmed: number
      signedIn: number
      signedUp: number
    }
    StreamProjectEventsQuery: {
      /** @description The stream ends by itself after so long. */
      maxSeconds?: number
      /** @description Only these, with commas. */
      types?: string[]
      /** @description Only what a webhook may carry. */
      webhooks?: boolean
    }
    SuppressedAddress: {
      address: string
      /** @enum {unknown} */
      reason: 'bounced' | 'complained'
      /** Format: date-time */
      since: string
    }
    SwitchTenantBody: {
      tenantId: string
    }
    Tenant: {
      /** Format: date-time */
      createdAt: string
      /** @description Printed with the prefix `tnt_`; paths take the bare UUID too. */
      id: string
      name: string
      slug: string
      /** Format: date-time */
      updatedAt: string
    }
    TenantAuditLogQuery: {
      action?: string
      actorId?: string
      /** @description The `next_cursor` of the page before. */
      cursor?: string
      limit?: number
      /** @description Instead of `cursor`. */
      page?: number
      /** @description Another name of `limit`. */
      pageSize?: number
      /**
       * Format: date-time
       * @description At or after.
       */
      since?: string
      /**
       * Format: date-time
       * @description Before.
       */
      until?: string
    }
    TenantName: {
      id: string
      name: string
    }
    TenantStats: {
      /**
       * Format: date-time
       * @description Every event until then is in the figures. Null before a worker has counted.
       */
      asOf: string | null
      /** @description What somebody should see to, oldest first; at most 100. */
      attention: components['schemas']['Attention'][]
      buckets: components['schemas']['StatsBucket'][]
      /** Format: date-time */
      from: string
      funnel: components['schemas']['StatsFunnel']
      /** @enum {string} */
      interval: 'hour' | 'day'
      /** Format: date-time */
      to: string
      totals: components['schemas']['TenantTotals']
    }
    TenantStatsQuery: {
      /**
       * Format: date-time
       * @description The hour or day of UTC in which this instant lies. Default, 24 hours or 30 days before the end.
       */
      from?: string
      /**
       * @description At most 744 hours or 400 days at once.
       * @enum {string}
       */
      interval?: 'hour' | 'day'
      /**
       * Format: date-time
       * @description Before. Default, now.
       */
      to?: string
    }
    TenantTotals: {
      /** @description Each once per project. */
      activeThisMonth: number
      /** @description Each once per project. */
      activeToday: number
      confirmed: number
      /** Format: date-time */
      countedAt: string | null
      mailsWaiting: number
      people: number
      /** @description Not archived. */
      projects: number
    }
    TenantUsageQuery: {
      /** @description The `next_cursor` of the page before. */
      cursor?: string
      /**
       * Format: date-time
       * @description The day or month of UTC in which this instant lies. Default, the first of this month, or of the one eleven months before.
       */
      from?: string
      /**
       * @description `tenant`: all projects together, one row for each period.
       * @enum {string}
       */
      groupBy?: 'project' | 'tenant'
      /** @enum {string} */
      interval?: 'day' | 'month'
      limit?: number
      /** @description Instead of `cursor`. */
      page?: number
      /** @description Another name of `limit`. */
      pageSize?: number
      /**
       * Format: date-time
       * @description Before. Default, now. At most 400 days after `from`.
       */
      to?: string
    }
    TenantWebhook: {
      /** Format: date-time */
      createdAt: string
      description: string
      /** @description `by_operator`, or `failing` after five days in which nothing was taken. */
      disabledReason: string | null
      enabled: boolean
      /** Format: date-time */
      failingSince: string | null
      /** @description Printed with the prefix `whk_`; paths take the bare UUID too. */
      id: string
      /**
       * @description `user`: what is about one person comes in its order, each after the one before was taken or given up.
       * @enum {string}
       */
      ordering: 'none' | 'user'
      /** @description Empty for all projects of the tenant, also later ones. */
      projectIds: string[]
      /** @description Empty for every event that a webhook may carry. */
      types: string[]
      /** Format: date-time */
      updatedAt: string
      url: string
    }
    TenantWebhookDelivery: {
      attempts: number
      /** Format: date-time */
      createdAt: string
      /** Format: date-time */
      doneAt: string | null
      endpointId: string
      /** Format: uuid */
      id: string
      /** @description The header `webhook-id`; it sorts by time, and is the same at every try and in every replay. */
      messageId: string
      /** Format: date-time */
      nextAttemptAt: string | null
      /** @description Null where it is about the tenant itself. */
      projectId: string | null
      /** @description The very bytes that are signed. */
      requestBody: string
      /** @enum {string} */
      status: 'pending' | 'delivered' | 'failed'
      tries: components['schemas']['WebhookTry'][]
      type: string
    }
    TenantWebhookWithSecret: {
      /** Format: date-time */
      createdAt: string
      description: string
      /** @description `by_operator`, or `failing` after five days in which nothing was taken. */
      disabledReason: string | null
      enabled: boolean
      /** Format: date-time */
      failingSince: string | null
      /** @description Printed with the prefix `whk_`; paths take the bare UUID too. */
      id: string
      /**
       * @description `user`: what is about one person comes in its order, each after the one before was taken or given up.
       * @enum {string}
       */
      ordering: 'none' | 'user'
      /** @description Empty for all projects of the tenant, also later ones. */
      projectIds: string[]
      /** @description `whsec_` and base64. */
      secret: string
      /** @description Empty for every event that a webhook may carry. */
      types: string[]
      /** Format: date-time */
      updatedAt: string
      url: string
    }
    TestClockBody: {
      advanceSeconds?: number
    }
    TokenBody: {
      token: string
    }
    TransferOrganizationBody: {
      userId: string
    }
    UnlinkedIdentity: {
      provider: string
      sessionsEnded: number
      subject: string
      /** @enum {boolean} */
      unlinked: true
    }
    /** @description What each figure is worth. */
    UsageExactness: {
      [key: string]: 'exact' | 'at_least' | 'as_counted_at'
    }
    UsageRow: {
      /** @description Who used a session in the period, each once; exact. */
      activePeople: number
      /** Format: date-time */
      endsAt: string
      /** @description The period is over and everything of it is counted. */
      final: boolean
      /** @description Time of the processor that password hashes took; at least so much, for a process that is killed loses its last ten seconds. */
      hashMs: number
      /** @description Of project (or tenant) and period; the same at every export. */
      id: string
      mails: {
        dead: number
        notSent: number
        sent: number
        skipped: number
      }
      /** @description `2026-11-30`, or `2026-11` of a month; UTC. */
      period: string
      /** @description `null`: all projects together. */
      projectId: string | null
      projectName: string | null
      /** @description Sessions that began with a sign-in; the first one of an instant sign-up is not among them. */
      signIns: number
      signInsByMethod: {
        [key: string]: number
      }
      signUps: number
      signUpsByMethod: {
        [key: string]: number
      }
      /** Format: date-time */
      startsAt: string
      /** @description People of the project at the last count of the period; `null` before the first. */
      storedPeople: number | null
      /** Format: date-time */
      storedPeopleCountedAt: string | null
      webhooks: {
        delivered: number
        failed: number
      }
    }
    User: {
      /** @description What the platform says of the person (a plan, a role): written by operators alone. At most 2 KiB, since `token_claims` may put it into access tokens. */
      appMetadata: {
        [key: string]: unknown
      }
      /** Format: date-time */
      createdAt: string
      disabled: boolean
      /** Format: email */
      email: string
      emailVerified: boolean
      /** @description Authenticator apps and passkeys; only where one user is read. */
      factors?: {
        /** Format: date-time */
        createdAt?: string
        friendlyName?: string | null
        /** Format: uuid */
        id?: string
        /** Format: date-time */
        lastUsedAt?: string | null
        /** @enum {string} */
        status?: 'active' | 'unverified'
        /** @enum {string} */
        type?: 'totp' | 'webauthn'
      }[]
      /**
       * Format: uuid
       * @description A plain UUID: the `sub` of tokens.
       */
      id: string
      /** @description Linked accounts of providers; only where one user is read. */
      identities?: {
        /** Format: date-time */
        createdAt?: string
        email?: string | null
        emailVerified?: boolean
        /** Format: date-time */
        lastSignInAt?: string | null
        profile?: {
          [key: string]: unknown
        }
        provider?: string
        subject?: string
      }[]
      /** Format: date-time */
      lastSignInAt: string | null
      /** @description What the person says, through the app; also written by operators. Any JSON object, at most 16 KiB. */
      metadata: {
        [key: string]: unknown
      }
      /** @description Only where one user is read, while a change of address waits. The address that the account moves to when it is confirmed. */
      pendingEmail?: {
        email: string
        /** Format: date-time */
        expiresAt: string
        /** Format: date-time */
        requestedAt: string
      }
      /** Format: date-time */
      updatedAt: string
    }
    UserIdentity: {
      /** Format: date-time */
      createdAt: string
      email: string | null
      emailVerified: boolean
      /** Format: date-time */
      lastSignInAt: string | null
      profile: {
        [key: string]: unknown
      }
      provider: string
      /** @description Who it is at the provider. */
      subject: string
    }
    UserOrganization: components['schemas']['Organization'] & {
      role: string
    }
    UserPasskey: {
      /** @description The model of the authenticator, where it says so. */
      aaguid: string | null
      backedUp: boolean
      /** Format: date-time */
      createdAt: string
      discoverable: boolean | null
      friendlyName: string
      /** Format: uuid */
      id: string
      /** Format: date-time */
      lastUsedAt: string | null
      registeredOn: components['schemas']['Device']
      /** @description The domain that it was made for. */
      rpId: string
      transports: string[]
      userVerified: boolean
    }
    Variable: {
      name: string
      /** @enum {string} */
      source: 'managed' | 'own'
      /** Format: date-time */
      updatedAt: string
    }
    VariablesChanged: {
      deleted: string[]
      envVersion: number
      set: string[]
    }
    WaitingInstance: {
      envVersion: number
      /** @description Whether its boot gave it the secret that signs next. */
      hasNextSecret: boolean
      /** @description Printed with the prefix `inst_`; paths take the bare UUID too. */
      id: string
      /** Format: date-time */
      lastSeenAt: string
      name: string | null
      reads: components['schemas']['ReadsSaid']
    }
    Webhook: {
      /** Format: date-time */
      createdAt: string
      description: string
      /** @description `by_operator`, or `failing` after five days in which nothing was taken. */
      disabledReason: string | null
      enabled: boolean
      /** Format: date-time */
      failingSince: string | null
      /** @description Printed with the prefix `whk_`; paths take the bare UUID too. */
      id: string
      /**
       * @description `user`: what is about one person comes in its order, each after the one before was taken or given up.
       * @enum {string}
       */
      ordering: 'none' | 'user'
      /** @description Empty for every event that a webhook may carry. */
      types: string[]
      /** Format: date-time */
      updatedAt: string
      url: string
    }
    WebhookDelivery: {
      attempts: number
      /** Format: date-time */
      createdAt: string
      /** Format: date-time */
      doneAt: string | null
      endpointId: string
      /** Format: uuid */
      id: string
      /** @description The header `webhook-id`; it sorts by time, and is the same at every try and in every replay. */
      messageId: string
      /** Format: date-time */
      nextAttemptAt: string | null
      /** @description The very bytes that are signed. */
      requestBody: string
      /** @enum {string} */
      status: 'pending' | 'delivered' | 'failed'
      tries: components['schemas']['WebhookTry'][]
      type: string
    }
    WebhookReplay: {
      /** Format: date-time */
      createdAt: string
      /** @description Messages so far, whether they have arrived or wait. */
      deliveries: number
      /** Format: date-time */
      doneAt: string | null
      endpointId: string
      /** Format: uuid */
      id: string
      /** Format: date-time */
      since: string
      /**
       * @description `cancelled`: the endpoint was turned off meanwhile. `full`: it made 100,000 messages, the most of one replay.
       * @enum {string}
       */
      status: 'running' | 'done' | 'cancelled' | 'full'
      /** Format: date-time */
      until: string
    }
    WebhookTry: {
      /** Format: date-time */
      at: string
      durationMs: number
      /** @description `refused` (an answer that is not 2xx), `unreachable`, `too_slow` (15 s), `too_large`, `not_allowed` (an inner address), `busy`, `failed`. */
      error: string | null
      /** @description The first 1,024 characters, without what looks like a secret. */
      response: string | null
      status: number | null
    }
    WebhookWithSecret: {
      /** Format: date-time */
      createdAt: string
      description: string
      /** @description `by_operator`, or `failing` after five days in which nothing was taken. */
      disabledReason: string | null
      enabled: boolean
      /** Format: date-time */
      failingSince: string | null
      /** @description Printed with the prefix `whk_`; paths take the bare UUID too. */
      id: string
      /**
       * @description `user`: what is about one person comes in its order, each after the one before was taken or given up.
       * @enum {string}
       */
      ordering: 'none' | 'user'
      /** @description `whsec_` and base64. */
      secret: string
      /** @description Empty for every event that a webhook may carry. */
      types: string[]
      /** Format: date-time */
      updatedAt: string
      url: string
    }
  }
  responses: never
  parameters: never
  requestBodies: never
  headers: never
  pathItems: never
}
