import { IsOptional, IsString } from 'class-validator'

/** A body of a route that a captcha may guard; the hook reads the token and takes it out before the body is read. */
export class CaptchaGuarded {
  @IsOptional() @IsString() captchaToken?: string
}
