// Written by tools/openapi-types from openapi/data-plane.yaml: change that file and run `npm run generate -w @portico/openapi-types`.

/** Fields whose keys are the caller’s data: their contents are sent and answered as they are. */
export const VERBATIM_FIELDS: readonly string[] = ['app_metadata', 'branding', 'claims', 'credential', 'meta', 'metadata', 'options']

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
    AcceptInvitationBody: {
      organization?: string
      password: components['schemas']['NewPassword']
      token: components['schemas']['MailedToken']
    }
    Account: {
      token: string
      user: components['schemas']['User']
      /** Format: uuid */
      userId: string
    }
    AccountForm: {
      code?: string
      credential?: string
      currentPassword?: string
      email?: string
      factorCode?: string
      factorId?: string
      formToken?: string
      id?: string
      intent?: string
      password?: string
    }
    ActivatedFactor: components['schemas']['Session'] & {
      factor: components['schemas']['Factor']
      recoveryCodes?: components['schemas']['RecoveryCodes']
    }
    ActivateFactorBody: {
      code: components['schemas']['FactorCode']
      mfaToken?: components['schemas']['MfaToken']
    }
    AddOrganizationDomainBody: {
      domain: string
    }
    AuthenticateOptionsBody: {
      mfaToken?: components['schemas']['MfaToken']
    }
    AuthenticateVerifyBody: {
      credential: components['schemas']['PublicKeyCredential']
      organization?: string
    }
    ChallengeBody: {
      code?: components['schemas']['FactorCode']
      credential?: components['schemas']['PublicKeyCredential']
      /** Format: uuid */
      factorId?: string
      maxAge?: number
    }
    ChallengeSessionBody: components['schemas']['ChallengeBody']
    ChangeAccountOnPageQuery: {
      code?: string
      done?: string
      error?: string
      locale?: string
    }
    ChangeEmailBody: {
      email: components['schemas']['EmailInput']
      password?: string
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
    ChangePasswordBody: {
      currentPassword: string
      password: components['schemas']['NewPassword']
    }
    CheckPasswordBody: {
      email?: string
      password: string
    }
    ChooseOrganizationOnPageQuery: {
      codeChallenge?: string
      codeChallengeMethod?: string
      locale?: string
      loginHint?: string
      next?: string
      organization?: string
      organizationInvitation?: string
      redirectTo?: string
      state?: string
    }
    Claims: {
      /**
       * @description `aal2` after a second factor (NIST SP 800-63B).
       * @enum {unknown}
       */
      acr: 'aal1' | 'aal2'
      /** @description RFC 8176: pwd, otp, hwk, swk, user, mfa; also email and recovery. */
      amr: string[]
      /** @description Where the setting `token_claims` names it; as it was when the token was made. */
      app_metadata?: {
        [key: string]: unknown
      }
      /** @description Only where the project sets `token_audience`. */
      aud?: string
      /** @description When the user logged in or last proved a second factor; refreshing does not move it. */
      auth_time: number
      email: string
      email_verified: boolean
      exp: number
      iat: number
      /** @description AUTH_URL. */
      iss: string
      /** @description Opaque: proves to the service that it made the token. */
      jti: string
      /**
       * Format: uuid
       * @description The organization that the user works for just now; absent with the next three when there is none.
       */
      org_id?: string
      org_role?: string
      org_slug?: string
      permissions?: string[]
      /**
       * Format: uuid
       * @description The session.
       */
      sid: string
      /**
       * Format: uuid
       * @description The user.
       */
      sub: string
    }
    /** @description S256 challenge of a code verifier (RFC 7636). */
    CodeChallenge: string
    CodeForm: {
      code?: string
      email: string
      formToken?: string
      intent?: string
    }
    CompleteLinkBody: components['schemas']['ExchangeBody']
    ConfirmationRequired: {
      /** @constant */
      confirmationRequired: true
      /** @constant */
      ok: true
    }
    ConfirmEmailBody: {
      code?: components['schemas']['MailedCode']
      /** @description Of the code_challenge that the account was signed up with. */
      codeVerifier?: string
      email?: components['schemas']['EmailInput']
      /** @description A code of the authenticator app, or a recovery code. */
      factorCode?: string
      password?: string
      token?: components['schemas']['MailedToken']
    }
    ConfirmForm: {
      code?: string
      email: string
      formToken?: string
      intent?: string
    }
    ConfirmMagicLinkBody: {
      codeVerifier?: string
      organization?: string
      token: components['schemas']['MailedToken']
    }
    ConfirmPasswordResetBody: {
      password: components['schemas']['NewPassword']
      token: components['schemas']['MailedToken']
    }
    ConfirmRecoveryBody: {
      organization?: string
      token: string
    }
    ConfirmSignUpOnPageQuery: {
      codeChallenge?: string
      codeChallengeMethod?: string
      locale?: string
      loginHint?: string
      next?: string
      organization?: string
      organizationInvitation?: string
      redirectTo?: string
      state?: string
    }
    ContinueInvitationQuery: {
      locale?: string
      token?: string
    }
    ContinueMailedLinkQuery: {
      locale?: string
      token?: string
    }
    ContinueToAppQuery: {
      codeChallenge?: string
      codeChallengeMethod?: string
      locale?: string
      loginHint?: string
      next?: string
      organization?: string
      organizationInvitation?: string
      redirectTo?: string
      state?: string
    }
    CreateOrganizationBody: {
      logoUrl?: string
      metadata?: {
        [key: string]: unknown
      }
      name: string
      slug?: string
    }
    CreateOrganizationSetupLinkBody: {
      connectionId?: string
    }
    CreationOptions: {
      [key: string]: unknown
    }
    DeleteUserBody: {
      password?: string
    }
    /**
     * @description Whether this installation can send mail at all.
     * @enum {unknown}
     */
    Delivery: 'queued' | 'not_configured'
    /** @description What this device sends with its next password (`device_token` of `POST /login` and `POST /signup`), so that strangers who use up the attempts of the account do not lock its owner out. In answers only after a password, where it is new, and where refresh tokens travel in the body; else it is a cookie. It signs nobody in. */
    DeviceToken: string
    DiscoverSsoBody: {
      email: string
    }
    /** @description Compared after trimming, in lower case, the domain as A-labels (`xn--…`); mailed in the same form but for the letter case before the @. A text that reading would change in another way (compatibility and full-width characters, invisible ones, decomposed letters, a dot at the end) is refused: `validation_error` with the code ambiguous_email in `details`, and the address it looks like. */
    EmailInput: string
    EmailStartBody: {
      captchaToken?: string
      createUser?: boolean
      email: components['schemas']['EmailInput']
    }
    EmailVerifyBody: {
      code: components['schemas']['MailedCode']
      email: components['schemas']['EmailInput']
      organization?: string
    }
    EnrolForm: {
      code?: string
      credential?: string
      factorId?: string
      formToken?: string
      intent?: string
      mfaToken: string
    }
    EnrolOnPageQuery: {
      codeChallenge?: string
      codeChallengeMethod?: string
      locale?: string
      loginHint?: string
      next?: string
      organization?: string
      organizationInvitation?: string
      redirectTo?: string
      state?: string
    }
    Error: {
      error: {
        /** @description From the closed catalogue in openapi/errors.md. */
        code: string
        details?: {
          code: string
          field: string
          message: string
        }[]
        message: string
        requestId: string
      }
    }
    ExchangeBody: {
      code: string
      codeVerifier: string
    }
    ExchangeCodeBody: components['schemas']['RedeemBody']
    Factor: {
      /** Format: date-time */
      createdAt: string
      friendlyName: string | null
      /** Format: uuid */
      id: string
      /** Format: date-time */
      lastUsedAt: string | null
      /** @enum {unknown} */
      status: 'active' | 'unverified'
      /** @enum {unknown} */
      type: 'totp' | 'webauthn'
    }
    FactorChallenge: {
      /** @enum {unknown} */
      acr: 'aal1' | 'aal2'
      factors: components['schemas']['OfferedFactor'][]
      /** Format: date-time */
      factorVerifiedAt: string | null
      mfaRequired: boolean
      options?: components['schemas']['RequestOptions']
    }
    /** @description Six digits of an authenticator app, or a recovery code; as people type them, like a mailed code. What cannot be a code is refused and no guess. */
    FactorCode: string
    FactorList: {
      data: components['schemas']['Factor'][]
      recoveryCodesLeft: number
    }
    FinishOAuthQuery: {
      code?: string
      error?: string
      iss?: string
      state?: string
    }
    FollowConfirmationQuery: {
      codeChallenge?: string
      codeChallengeMethod?: string
      locale?: string
      loginHint?: string
      next?: string
      organization?: string
      organizationInvitation?: string
      redirectTo?: string
      state?: string
      token?: string
    }
    FollowInvitationQuery: {
      codeChallenge?: string
      codeChallengeMethod?: string
      locale?: string
      loginHint?: string
      next?: string
      organization?: string
      organizationInvitation?: string
      redirectTo?: string
      state?: string
      token?: string
    }
    FollowMagicLinkQuery: {
      codeChallenge?: string
      codeChallengeMethod?: string
      locale?: string
      loginHint?: string
      next?: string
      organization?: string
      organizationInvitation?: string
      redirectTo?: string
      state?: string
      token?: string
    }
    FollowResetQuery: {
      codeChallenge?: string
      codeChallengeMethod?: string
      locale?: string
      loginHint?: string
      next?: string
      organization?: string
      organizationInvitation?: string
      redirectTo?: string
      state?: string
      token?: string
    }
    ForgotForm: {
      captchaToken?: string
      email?: string
      formToken?: string
      'g-recaptcha-response'?: string
      'h-captcha-response'?: string
    }
    FreshProofBody: {
      code?: components['schemas']['FactorCode']
      /** @description For a user without a factor, instead of a fresh login. */
      password?: string
    }
    Identity: {
      /** Format: date-time */
      createdAt: string
      email: string | null
      /** @description Whether the provider vouches for the address. */
      emailVerified: boolean
      /** Format: date-time */
      lastSignInAt: string | null
      profile: {
        name?: string
        picture?: string
        username?: string
      }
      provider: string
      /** @description Stable at the provider. */
      subject: string
    }
    InvitationProviderForm: {
      token: string
    }
    InviteMemberBody: {
      email: string
      redirectTo?: string
      role?: string
    }
    InviteOrganizationMemberBody: components['schemas']['InviteMemberBody']
    Jwks: {
      keys: {
        /** @constant */
        alg: 'ES256'
        /** @constant */
        crv: 'P-256'
        kid: string
        /** @constant */
        kty: 'EC'
        /** @constant */
        use: 'sig'
        x: string
        y: string
      }[]
    }
    LeaveCodeQuery: {
      codeChallenge?: string
      codeChallengeMethod?: string
      locale?: string
      loginHint?: string
      next?: string
      organization?: string
      organizationInvitation?: string
      redirectTo?: string
      state?: string
      token?: string
    }
    LeaveConfirmationQuery: {
      codeChallenge?: string
      codeChallengeMethod?: string
      locale?: string
      loginHint?: string
      next?: string
      organization?: string
      organizationInvitation?: string
      redirectTo?: string
      state?: string
      token?: string
    }
    LeaveContinueQuery: {
      codeChallenge?: string
      codeChallengeMethod?: string
      locale?: string
      loginHint?: string
      next?: string
      organization?: string
      organizationInvitation?: string
      redirectTo?: string
      state?: string
      token?: string
    }
    LeaveEnrolmentQuery: {
      codeChallenge?: string
      codeChallengeMethod?: string
      locale?: string
      loginHint?: string
      next?: string
      organization?: string
      organizationInvitation?: string
      redirectTo?: string
      state?: string
      token?: string
    }
    LeaveSecondStepQuery: {
      codeChallenge?: string
      codeChallengeMethod?: string
      locale?: string
      loginHint?: string
      next?: string
      organization?: string
      organizationInvitation?: string
      redirectTo?: string
      state?: string
      token?: string
    }
    LeaveSignOutQuery: {
      codeChallenge?: string
      codeChallengeMethod?: string
      locale?: string
      loginHint?: string
      next?: string
      organization?: string
      organizationInvitation?: string
      redirectTo?: string
      state?: string
      token?: string
    }
    ListOrganizationMembersQuery: {
      cursor?: string
      limit?: number
    }
    LogInBody: {
      /** @description Where the project asks for a captcha. */
      captchaToken?: string
      deviceToken?: components['schemas']['DeviceToken']
      email: components['schemas']['EmailInput']
      organization?: string
      password: string
    }
    LogOutBody: {
      refreshToken?: components['schemas']['RefreshToken']
      scope?: components['schemas']['LogOutScope']
      /** @description An access token, for clients that have no header for it. */
      token?: string
    }
    LogOutQuery: {
      scope?: components['schemas']['LogOutScope']
    }
    /** @enum {unknown} */
    LogOutScope: 'local' | 'global' | 'others'
    MagicLinkBody: {
      captchaToken?: string
      codeChallenge?: components['schemas']['CodeChallenge']
      /** @constant */
      codeChallengeMethod?: 'S256'
      /** @description Whether an unknown address may make an account (if the project accepts sign-ups). */
      createUser?: boolean
      email: components['schemas']['EmailInput']
      /**
       * Format: uri
       * @description Exactly one of the redirect URLs of the project.
       */
      redirectTo?: string
    }
    MailAccepted: {
      delivery: components['schemas']['Delivery']
      /** @constant */
      ok: true
    }
    /** @description Six digits as people type them: digits of any script; spaces, dashes and invisible characters are left out. What cannot be a code is 422 and no guess. */
    MailedCode: string
    MailedLinkForm: {
      factorCode?: string
      password?: components['schemas']['NewPassword']
      token: components['schemas']['MailedToken']
    }
    MailedToken: string
    MailRequestBody: {
      /** @description Where the project asks for a captcha. */
      captchaToken?: string
      email: components['schemas']['EmailInput']
      /** @description Where the mailed link leads; an entry of `redirect_urls` or the `site_url`. */
      redirectTo?: string
    }
    MemberRoleBody: {
      role: string
    }
    MembersForm: {
      connectionId?: string
      email?: string
      formToken?: string
      intent?: string
      invitationId?: string
      linkId?: string
      role?: string
      userId?: string
    }
    /** @description At most 16 KiB of JSON. */
    Metadata: {
      [key: string]: unknown
    }
    MfaEnrolmentRequired: {
      deviceToken?: components['schemas']['DeviceToken']
      expiresIn: number
      /** @constant */
      mfaEnrolmentRequired: true
      mfaToken: components['schemas']['MfaToken']
    }
    MfaRequired: {
      deviceToken?: components['schemas']['DeviceToken']
      expiresIn: number
      factors: components['schemas']['OfferedFactor'][]
      /** @constant */
      mfaRequired: true
      mfaToken: components['schemas']['MfaToken']
    }
    /** @description Works once, for five minutes, for nothing else. */
    MfaToken: string
    NewOrganizationSetupLink: components['schemas']['OrganizationSetupLink'] & {
      /**
       * Format: uri
       * @description Shown here and never again.
       */
      url: string
    }
    /** @description 8 (or `password_min_length`) to 256 characters after NFKC; not common or breached, not the address or the project's name. No composition rules. */
    NewPassword: string
    OfferedFactor: {
      friendlyName: string | null
      /** Format: uuid */
      id: string
      /** @enum {unknown} */
      type: 'totp' | 'webauthn'
    }
    Ok: {
      /** @constant */
      ok: true
    }
    OpenAccountQuery: {
      code?: string
      done?: string
      error?: string
      locale?: string
    }
    OpenForgotQuery: {
      codeChallenge?: string
      codeChallengeMethod?: string
      locale?: string
      loginHint?: string
      next?: string
      organization?: string
      organizationInvitation?: string
      redirectTo?: string
      state?: string
    }
    OpenInvitationQuery: {
      locale?: string
      token?: string
    }
    OpenMagicLinkQuery: {
      locale?: string
      token?: string
    }
    OpenMailedLinkQuery: {
      locale?: string
      token?: components['schemas']['MailedToken']
    }
    OpenOrganizationQuery: {
      codeChallenge?: string
      codeChallengeMethod?: string
      locale?: string
      loginHint?: string
      next?: string
      organization?: string
      organizationInvitation?: string
      redirectTo?: string
      state?: string
    }
    OpenPasskeysQuery: {
      codeChallenge?: string
      codeChallengeMethod?: string
      locale?: string
      loginHint?: string
      next?: string
      organization?: string
      organizationInvitation?: string
      redirectTo?: string
      state?: string
      token?: string
    }
    OpenPreviewQuery: {
      ticket: string
    }
    OpenSetupForm: {
      formToken?: string
      token: string
    }
    OpenSignedOutQuery: {
      codeChallenge?: string
      codeChallengeMethod?: string
      locale?: string
      loginHint?: string
      next?: string
      organization?: string
      organizationInvitation?: string
      redirectTo?: string
      state?: string
    }
    OpenSignInQuery: {
      /** @description S256 challenge (RFC 7636) of a verifier that stays in the app; needed with redirect_to. */
      codeChallenge?: string
      codeChallengeMethod?: string
      /** @description Language of the pages. */
      locale?: string
      /** @description An address to begin with. */
      loginHint?: string
      /** @description A path below site_url, instead of redirect_to. */
      next?: string
      organization?: string
      organizationInvitation?: string
      /** @description One of the redirect URLs of the project, letter by letter. */
      redirectTo?: string
      /** @description Given back beside the code. */
      state?: string
      /** @description `all`: every way in at once, for whoever may come in without the identity provider of their company. */
      ways?: string
    }
    OpenSignUpQuery: {
      codeChallenge?: string
      codeChallengeMethod?: string
      locale?: string
      loginHint?: string
      next?: string
      organization?: string
      organizationInvitation?: string
      redirectTo?: string
      state?: string
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
    OrganizationConnection: {
      /** Format: date-time */
      createdAt: string
      /** @description Mail domains that it answers for. */
      domains: string[]
      /** @description Whether people of its domains come in by it alone. */
      enforce: boolean
      /** Format: uuid */
      id: string
      /** @description Its entity ID or issuer; null while it is not known. */
      identityProvider: string | null
      name: string
      /** @enum {string} */
      protocol: 'oidc' | 'saml'
      /**
       * @description People are sent to an `active` one alone.
       * @enum {string}
       */
      state: 'draft' | 'testing' | 'active'
      /** Format: date-time */
      updatedAt: string
    }
    OrganizationDomain: {
      /**
       * Format: uuid
       * @description The connection that answers for it.
       */
      connectionId: string | null
      /** Format: date-time */
      createdAt: string
      domain: string
      /** Format: uuid */
      id: string
      /** @description The record that proves it. */
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
    OrganizationForm: {
      formToken?: string
      id?: string
      intent?: string
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
    OrganizationRoleBody: {
      key: string
      name: string
      permissions: string[]
    }
    OrganizationSetupLink: {
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
       * @description Who made it; null for the operators of the app.
       */
      madeBy: string | null
      /** Format: date-time */
      openedAt: string | null
      /** Format: date-time */
      revokedAt: string | null
      /** @enum {string} */
      state: 'waiting' | 'open' | 'finished' | 'revoked' | 'expired'
    }
    OwnOrganization: {
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
      role: string
      slug: string
      /** Format: date-time */
      updatedAt: string
    }
    PageForm: {
      formToken?: string
    }
    Passkey: {
      aaguid: string | null
      backedUp: boolean
      backupEligible: boolean
      /** Format: date-time */
      createdAt: string
      /** @description base64url. */
      credentialId: string
      /** @description Whether its authenticator finds it without a list of ids; null while that is unknown. */
      discoverable: boolean | null
      friendlyName: string
      /** Format: uuid */
      id: string
      /** Format: date-time */
      lastUsedAt: string | null
      /** @description COSE, base64url. */
      publicKey: string
      rpId: string
      signCount: number
      transports: string[]
      /** @description Where it was registered from. */
      userAgent: string | null
      /** @description Whether the person was ever verified with it. Only a passkey that is both */
      userVerified: boolean
    }
    PasskeyOptionsOnPageBody: components['schemas']['AccountForm']
    PlainForm: {
      formToken?: string
    }
    PressInvitationQuery: {
      locale?: string
      token?: string
    }
    PressMagicLinkQuery: {
      locale?: string
      token?: string
    }
    PressMailedLinkQuery: {
      locale?: string
      token?: string
    }
    /** @description The toJSON() of what navigator.credentials answered. */
    PublicKeyCredential: {
      [key: string]: unknown
    }
    PublicSettings: {
      allowSignups: boolean
      /** @description How hosted pages look; what is left out is ours. */
      branding: Record<string, never>
      /** @description Which captcha to show at sign-up, login, reset and sign-in mails; its token goes into captcha_token. */
      captcha: {
        /** @enum {unknown} */
        provider?: 'turnstile' | 'hcaptcha'
        siteKey?: string
      } | null
      defaultLocale: string
      /** @description The languages of the hosted pages. */
      locales: string[]
      /** @enum {unknown} */
      mailLinks: 'hosted' | 'app'
      /** @enum {unknown} */
      mfa: 'off' | 'optional' | 'required'
      name: string
      passwordMinLength: number
      projectId: string
      providers: string[]
      /** @enum {unknown} */
      refreshTokenTransport: 'body' | 'cookie'
      requireEmailConfirmation: boolean
      /**
       * @description Whether there are hosted pages, and whether the app shows anything to strangers.
       * @enum {unknown}
       */
      signInGate: 'auto' | 'required' | 'disabled'
      /** @enum {unknown} */
      signupMode: 'instant' | 'private'
      siteUrl: string | null
      /** @enum {unknown} */
      tokenAlgorithm: 'HS256' | 'ES256'
    }
    RatedPassword: {
      /** @description Whether it could be set. */
      acceptable: boolean
      /** @description As in `details` of a `weak_password`; `null` where it is acceptable. */
      problem: {
        /** @enum {unknown} */
        code: 'too_short' | 'too_long' | 'invalid_characters' | 'too_common' | 'contains_email' | 'contains_project_name' | 'leaked'
        message: string
      } | null
      /** @description 0: guessed at once; 4: by nobody. */
      score: number
      /** @description Stable words for what would help, such as another_word, use_words or capitalization. */
      suggestions: string[]
      /** @description A stable word for what makes it weak, one of straight_row, key_pattern, simple_repeat, extended_repeat, sequences, recent_years, dates, top_ten, top_hundred, common, similar_to_common, word_by_itself, names_by_themselves, common_names, user_inputs. */
      warning: string | null
    }
    /** @description Ten, each good once in place of a factor. */
    RecoveryCodes: string[]
    RedeemBody: {
      code: string
      codeVerifier: string
      organization?: string
    }
    RefreshBody: {
      refreshToken?: components['schemas']['RefreshToken']
    }
    RefreshSessionBody: components['schemas']['RefreshBody']
    /** @description 70 characters of base64url, opaque to clients. Nothing of it is stored. */
    RefreshToken: string
    RegisteredPasskey: components['schemas']['Session'] & {
      passkey: components['schemas']['Passkey']
      recoveryCodes?: components['schemas']['RecoveryCodes']
    }
    RegisterOptionsBody: {
      code?: components['schemas']['FactorCode']
      mfaToken?: components['schemas']['MfaToken']
      /** @description For a user without a factor, instead of a fresh login. */
      password?: string
    }
    RegisterPasskeyBody: components['schemas']['RegisterVerifyBody']
    RegisterVerifyBody: {
      credential: components['schemas']['PublicKeyCredential']
      friendlyName?: string
      mfaToken?: components['schemas']['MfaToken']
    }
    RemoveFactorBody: components['schemas']['FreshProofBody']
    RemovePasskeyBody: components['schemas']['FreshProofBody']
    RenamePasskeyBody: {
      friendlyName: string
    }
    ReplaceRecoveryCodesBody: components['schemas']['FreshProofBody']
    RequestEmailChangeBody: components['schemas']['ChangeEmailBody']
    RequestEmailCodeBody: components['schemas']['EmailStartBody']
    RequestMagicLinkBody: components['schemas']['MagicLinkBody']
    RequestOptions: {
      [key: string]: unknown
    }
    RequestPasswordResetBody: components['schemas']['MailRequestBody']
    ResendConfirmationBody: components['schemas']['MailRequestBody']
    ReturnToAccountQuery: {
      code?: string
      done?: string
      error?: string
      locale?: string
    }
    ReturnToSignInQuery: {
      code?: string
      /** @description S256 challenge (RFC 7636) of a verifier that stays in the app; needed with redirect_to. */
      codeChallenge?: string
      codeChallengeMethod?: string
      error?: string
      /** @description Language of the pages. */
      locale?: string
      /** @description An address to begin with. */
      loginHint?: string
      /** @description A path below site_url, instead of redirect_to. */
      next?: string
      organization?: string
      organizationInvitation?: string
      /** @description One of the redirect URLs of the project, letter by letter. */
      redirectTo?: string
      /** @description Given back beside the code. */
      state?: string
    }
    ScimCreateGroupQuery: {
      attributes?: string
      excludedAttributes?: string
    }
    ScimCreateUserQuery: {
      attributes?: string
      excludedAttributes?: string
    }
    ScimGetGroupQuery: {
      attributes?: string
      excludedAttributes?: string
    }
    ScimGetUserQuery: {
      attributes?: string
      excludedAttributes?: string
    }
    ScimList: {
      itemsPerPage: number
      Resources: components['schemas']['ScimResource'][]
      schemas: string[]
      startIndex: number
      totalResults: number
    }
    ScimListGroupsQuery: {
      attributes?: string
      count?: number
      excludedAttributes?: string
      filter?: string
      sortBy?: string
      /** @enum {string} */
      sortOrder?: 'ascending' | 'descending'
      startIndex?: number
    }
    ScimListUsersQuery: {
      attributes?: string
      count?: number
      excludedAttributes?: string
      filter?: string
      sortBy?: string
      /** @enum {string} */
      sortOrder?: 'ascending' | 'descending'
      startIndex?: number
    }
    ScimPatch: {
      Operations: {
        /** @description `add`, `remove` or `replace`, in any case. */
        op: string
        path?: string
        value?: unknown
      }[]
      schemas?: string[]
    }
    ScimPatchGroupQuery: {
      attributes?: string
      excludedAttributes?: string
    }
    ScimPatchUserQuery: {
      attributes?: string
      excludedAttributes?: string
    }
    ScimProblem: {
      detail: string
      schemas: string[]
      scimType?: string
      status: string
    }
    ScimReplaceGroupQuery: {
      attributes?: string
      excludedAttributes?: string
    }
    ScimReplaceUserQuery: {
      attributes?: string
      excludedAttributes?: string
    }
    /** @description As its schema says (`/scim/v2/Schemas`). */
    ScimResource: {
      externalId?: string
      id?: string
      meta?: {
        [key: string]: unknown
      }
      schemas: string[]
    } & {
      [key: string]: unknown
    }
    ScimSearch: {
      attributes?: string[]
      count?: number
      excludedAttributes?: string[]
      filter?: string
      schemas?: string[]
      sortBy?: string
      sortOrder?: string
      startIndex?: number
    }
    SecondFactorForm: {
      code?: string
      credential?: string
      formToken?: string
      intent?: string
      mfaToken: string
    }
    Session: {
      /** @description JWS: `alg, kid, typ` (`JWT`, or `at+jwt` where the project says so). */
      accessToken: string
      deviceToken?: components['schemas']['DeviceToken']
      /** Format: date-time */
      expiresAt: string
      /** @description Seconds. */
      expiresIn: number
      refreshToken?: components['schemas']['RefreshToken']
      /** @description The same as `access_token`. */
      token: string
      /** @constant */
      tokenType: 'Bearer'
      user: components['schemas']['User']
      /** Format: uuid */
      userId: string
    }
    SessionList: {
      data: {
        amr: string[]
        /** Format: date-time */
        createdAt: string
        current: boolean
        /** Format: uuid */
        id: string
        ip: string | null
        /**
         * Format: date-time
         * @description Written at most once a minute.
         */
        lastUsedAt: string
        userAgent: string | null
      }[]
    }
    SetOrganizationRoleBody: components['schemas']['OrganizationRoleBody']
    SetupForm: {
      clientId?: string
      clientSecret?: string
      domain?: string
      formToken?: string
      id?: string
      intent?: string
      issuer?: string
      metadataUrl?: string
      metadataXml?: string
    }
    SignInAtProviderQuery: {
      /** @description S256 challenge (RFC 7636) of a verifier that stays in the app; needed with redirect_to. */
      codeChallenge?: string
      codeChallengeMethod?: string
      /** @description Language of the pages. */
      locale?: string
      /** @description An address to begin with. */
      loginHint?: string
      /** @description A path below site_url, instead of redirect_to. */
      next?: string
      organization?: string
      organizationInvitation?: string
      /** @description One of the redirect URLs of the project, letter by letter. */
      redirectTo?: string
      /** @description Given back beside the code. */
      state?: string
    }
    SignInForm: {
      captchaToken?: string
      credential?: string
      email?: string
      formToken?: string
      'g-recaptcha-response'?: string
      'h-captcha-response'?: string
      intent?: string
      password?: string
    }
    SignInWithPasskeyBody: components['schemas']['AuthenticateVerifyBody']
    SignOutOnPageQuery: {
      codeChallenge?: string
      codeChallengeMethod?: string
      locale?: string
      loginHint?: string
      next?: string
      organization?: string
      organizationInvitation?: string
      redirectTo?: string
      state?: string
    }
    SignUpBody: {
      /** @description Where the project asks for a captcha. */
      captchaToken?: string
      /** @description RFC 7636, S256. Its verifier at POST /email/confirm shows that the password is the confirmer's. */
      codeChallenge?: string
      /** @enum {string} */
      codeChallengeMethod?: 'S256'
      deviceToken?: components['schemas']['DeviceToken']
      email: components['schemas']['EmailInput']
      metadata?: components['schemas']['Metadata']
      organization?: string
      password: components['schemas']['NewPassword']
    }
    SignUpForm: {
      captchaToken?: string
      email?: string
      formToken?: string
      'g-recaptcha-response'?: string
      'h-captcha-response'?: string
      password?: string
    }
    SsoDiscovery: {
      connection: {
        /** Format: uuid */
        id: string
        name: string
        /** @enum {string} */
        protocol: 'oidc' | 'saml'
      } | null
      required: boolean
    }
    StartedFactor: {
      /** Format: uuid */
      factorId: string
      friendlyName: string | null
      otpauthUri: string
      /** @description SVG. */
      qrCode: string
      /** @description Base32. */
      secret: string
      /** @constant */
      status: 'unverified'
      /** @constant */
      type: 'totp'
    }
    StartFactorBody: {
      code?: components['schemas']['FactorCode']
      friendlyName?: string
      mfaToken?: components['schemas']['MfaToken']
      /** @description For a user without a factor, instead of a fresh login. */
      password?: string
      /** @constant */
      type: 'totp'
    }
    StartLinkBody: {
      codeChallenge: components['schemas']['CodeChallenge']
      /** @constant */
      codeChallengeMethod?: 'S256'
      password?: string
      /** Format: uri */
      redirectTo?: string
      state?: string
    }
    StartOAuthQuery: {
      /** @description Required, except with a ticket. */
      codeChallenge?: components['schemas']['CodeChallenge']
      /** @constant */
      codeChallengeMethod?: 'S256'
      /**
       * Format: uri
       * @description Exactly one of the redirect URLs of the project; its site when left out.
       */
      redirectTo?: string
      /** @description Given back beside the code. */
      state?: string
      /** @description From the start of a link, instead of all the others. */
      ticket?: string
    }
    StartPasskeyBody: components['schemas']['RegisterOptionsBody']
    StartPasskeySignInBody: components['schemas']['AuthenticateOptionsBody']
    StartSsoQuery: {
      /** @description Required. */
      codeChallenge?: components['schemas']['CodeChallenge']
      /** @constant */
      codeChallengeMethod?: 'S256'
      connectionId?: string
      email?: string
      /** @description Id or slug. */
      organization?: string
      /**
       * Format: uri
       * @description Exactly one of the redirect URLs of the project; its site when left out.
       */
      redirectTo?: string
      /** @description Given back beside the code. */
      state?: string
    }
    SubmitForgotQuery: {
      codeChallenge?: string
      codeChallengeMethod?: string
      locale?: string
      loginHint?: string
      next?: string
      organization?: string
      organizationInvitation?: string
      redirectTo?: string
      state?: string
    }
    SubmitMailedCodeQuery: {
      /** @description S256 challenge (RFC 7636) of a verifier that stays in the app; needed with redirect_to. */
      codeChallenge?: string
      codeChallengeMethod?: string
      /** @description Language of the pages. */
      locale?: string
      /** @description An address to begin with. */
      loginHint?: string
      /** @description A path below site_url, instead of redirect_to. */
      next?: string
      organization?: string
      organizationInvitation?: string
      /** @description One of the redirect URLs of the project, letter by letter. */
      redirectTo?: string
      /** @description Given back beside the code. */
      state?: string
    }
    SubmitSecondFactorQuery: {
      /** @description S256 challenge (RFC 7636) of a verifier that stays in the app; needed with redirect_to. */
      codeChallenge?: string
      codeChallengeMethod?: string
      /** @description Language of the pages. */
      locale?: string
      /** @description An address to begin with. */
      loginHint?: string
      /** @description A path below site_url, instead of redirect_to. */
      next?: string
      organization?: string
      organizationInvitation?: string
      /** @description One of the redirect URLs of the project, letter by letter. */
      redirectTo?: string
      /** @description Given back beside the code. */
      state?: string
    }
    SubmitSignInQuery: {
      /** @description S256 challenge (RFC 7636) of a verifier that stays in the app; needed with redirect_to. */
      codeChallenge?: string
      codeChallengeMethod?: string
      /** @description Language of the pages. */
      locale?: string
      /** @description An address to begin with. */
      loginHint?: string
      /** @description A path below site_url, instead of redirect_to. */
      next?: string
      organization?: string
      organizationInvitation?: string
      /** @description One of the redirect URLs of the project, letter by letter. */
      redirectTo?: string
      /** @description Given back beside the code. */
      state?: string
    }
    SubmitSignUpQuery: {
      codeChallenge?: string
      codeChallengeMethod?: string
      locale?: string
      loginHint?: string
      next?: string
      organization?: string
      organizationInvitation?: string
      redirectTo?: string
      state?: string
    }
    TlsAskQuery: {
      domain?: string
      secret?: string
    }
    TokenBody: {
      token: components['schemas']['MailedToken']
    }
    TrySsoQuery: {
      /** @constant */
      from?: 'setup'
      locale?: string
      ticket: string
    }
    UndoEmailChangeBody: components['schemas']['TokenBody']
    UnlinkBody: {
      /** @description Instead of a fresh login. */
      password?: string
    }
    UnlinkIdentityBody: components['schemas']['UnlinkBody']
    UnlinkProviderBody: components['schemas']['UnlinkBody']
    UpdateUserBody: {
      metadata: components['schemas']['Metadata']
    }
    User: {
      /** @description What the platform says of the person. No call of theirs can change it. */
      appMetadata: {
        [key: string]: unknown
      }
      /** Format: date-time */
      createdAt: string
      disabled: boolean
      /** @description Normalised. */
      email: string
      emailVerified: boolean
      /** @description Only in the answer of GET /user. */
      factors?: components['schemas']['Factor'][]
      /** Format: uuid */
      id: string
      /** @description Only in the answer of GET /user. */
      identities?: components['schemas']['Identity'][]
      /** Format: date-time */
      lastSignInAt: string | null
      metadata: components['schemas']['Metadata']
      /** @description Only in the answer of GET /user, while a change of address waits. The address that the account moves to when it is confirmed. */
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
    Verified: components['schemas']['Claims'] & {
      claims: components['schemas']['Claims']
      token: string
      /** @description As of now. */
      user: {
        email: string
        emailVerified: boolean
        /** Format: uuid */
        id: string
      }
      /** Format: uuid */
      userId: string
      /** @constant */
      valid: true
    }
    VerifyBody: {
      /** @description Seconds: the session must have seen a second factor no longer ago. */
      maxAge?: number
      token?: string
    }
    VerifyEmailCodeBody: components['schemas']['EmailVerifyBody']
    VerifyFactorBody: {
      code?: components['schemas']['FactorCode']
      credential?: components['schemas']['PublicKeyCredential']
      /**
       * Format: uuid
       * @description From the answer to the first factor; without it every app of the user is tried.
       */
      factorId?: string
      mfaToken: components['schemas']['MfaToken']
      organization?: string
    }
    VerifySecondFactorBody: components['schemas']['VerifyFactorBody']
    VerifyTokenBody: components['schemas']['VerifyBody']
  }
  responses: never
  parameters: never
  requestBodies: never
  headers: never
  pathItems: never
}
