import { WireName } from '@portico/http/validated'
import { IsOptional, IsString, MaxLength } from 'class-validator'

const URL_LENGTH = 2_048

/** What an app says when it sends its user here; carried from page to page. */
export class FlowQuery {
  @IsOptional() @IsString() @MaxLength(URL_LENGTH) redirectTo?: string
  /** A path below `site_url`, instead of `redirect_to`. */
  @IsOptional() @IsString() @MaxLength(URL_LENGTH) next?: string
  @IsOptional() @IsString() @MaxLength(128) codeChallenge?: string
  @IsOptional() @IsString() @MaxLength(16) codeChallengeMethod?: string
  @IsOptional() @IsString() @MaxLength(1_024) state?: string
  @IsOptional() @IsString() @MaxLength(35) locale?: string
  /** An address to begin with (`login_hint` of OpenID Connect). */
  @IsOptional() @IsString() @MaxLength(320) loginHint?: string
  /** Id or slug: whoever belongs to it is not asked which one they work for. */
  @IsOptional() @IsString() @MaxLength(64) organization?: string
  /** Of the mail that led here: which invitation to show once it is known who came. */
  @IsOptional() @IsString() @MaxLength(64) organizationInvitation?: string
}

export class SignInQuery extends FlowQuery {
  /** `all`: every way in at once, for whoever may come in without the identity provider of their company. */
  @IsOptional() @IsString() @MaxLength(8) ways?: string
}

export class ReturnQuery extends FlowQuery {
  @IsOptional() @IsString() @MaxLength(256) code?: string
  @IsOptional() @IsString() @MaxLength(256) error?: string
}

/** Of an address that leads to a page. */
export class OtherAddressQuery extends FlowQuery {
  @IsOptional() @IsString() @MaxLength(256) token?: string
}

class PageForm {
  @IsOptional() @IsString() @MaxLength(64) formToken?: string
}

/** What the widget of a captcha writes into the form; hCaptcha has names of its own. */
class CaptchaForm extends PageForm {
  @IsOptional() @IsString() @MaxLength(8_192) captchaToken?: string
  @IsOptional() @IsString() @MaxLength(8_192) @WireName('h-captcha-response') hCaptcha?: string
  @IsOptional() @IsString() @MaxLength(8_192) @WireName('g-recaptcha-response') gCaptcha?: string
}

export class SignInForm extends CaptchaForm {
  @IsOptional() @IsString() @MaxLength(32) intent?: string
  @IsOptional() @IsString() @MaxLength(1_024) email?: string
  @IsOptional() @IsString() password?: string
  @IsOptional() @IsString() @MaxLength(16_384) credential?: string
}

export class CodeForm extends PageForm {
  @IsOptional() @IsString() @MaxLength(32) intent?: string
  @IsString() @MaxLength(1_024) email!: string
  @IsOptional() @IsString() @MaxLength(64) code?: string
}

export class SecondFactorForm extends PageForm {
  @IsString() @MaxLength(256) mfaToken!: string
  @IsOptional() @IsString() @MaxLength(32) intent?: string
  @IsOptional() @IsString() @MaxLength(64) code?: string
  @IsOptional() @IsString() @MaxLength(16_384) credential?: string
}

export class SignUpForm extends CaptchaForm {
  @IsOptional() @IsString() @MaxLength(1_024) email?: string
  @IsOptional() @IsString() password?: string
}

export class ConfirmForm extends PageForm {
  @IsOptional() @IsString() @MaxLength(32) intent?: string
  @IsString() @MaxLength(1_024) email!: string
  @IsOptional() @IsString() @MaxLength(64) code?: string
}

export class ForgotForm extends CaptchaForm {
  @IsOptional() @IsString() @MaxLength(1_024) email?: string
}

export class EnrolForm extends PageForm {
  @IsString() @MaxLength(256) mfaToken!: string
  @IsOptional() @IsString() @MaxLength(32) intent?: string
  @IsOptional() @IsString() @MaxLength(64) factorId?: string
  @IsOptional() @IsString() @MaxLength(64) code?: string
  @IsOptional() @IsString() @MaxLength(16_384) credential?: string
}

export class PlainForm extends PageForm {}

/** Which organization to work for, or what becomes of an invitation. */
export class OrganizationForm extends PageForm {
  @IsOptional() @IsString() @MaxLength(32) intent?: string
  @IsOptional() @IsString() @MaxLength(64) id?: string
}

/** Every button of the account page: `intent` says which, `id` of what. */
export class AccountForm extends PageForm {
  @IsOptional() @IsString() @MaxLength(32) intent?: string
  @IsOptional() @IsString() @MaxLength(512) id?: string
  @IsOptional() @IsString() @MaxLength(1_024) email?: string
  @IsOptional() @IsString() currentPassword?: string
  @IsOptional() @IsString() password?: string
  @IsOptional() @IsString() @MaxLength(64) factorCode?: string
  @IsOptional() @IsString() @MaxLength(64) factorId?: string
  @IsOptional() @IsString() @MaxLength(64) code?: string
  @IsOptional() @IsString() @MaxLength(16_384) credential?: string
}

export class AccountQuery {
  @IsOptional() @IsString() @MaxLength(35) locale?: string
  @IsOptional() @IsString() @MaxLength(32) done?: string
  @IsOptional() @IsString() @MaxLength(256) code?: string
  @IsOptional() @IsString() @MaxLength(256) error?: string
}
