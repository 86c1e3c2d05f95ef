import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common'
import type { ProjectRecord } from '@portico/database/project-directory'
import { ChangePassword } from '@portico/end-user/password/change-password'
import { ConfirmPasswordReset } from '@portico/end-user/password/confirm-password-reset'
import { LogIn } from '@portico/end-user/password/log-in'
import { SignUp } from '@portico/end-user/password/sign-up'
import type { AuthenticatedSession } from '@portico/end-user/session/authenticate'
import { Access, Client, CurrentProject, CurrentSession, Limit } from '@portico/http/access'
import type { ClientInfo } from '@portico/http/request-context'
import { validated } from '@portico/http/validated'
import { CaptchaChecked } from '../abuse/captcha-hook.js'
import { MailDelivery } from '../email/mail-delivery.js'
import { Exchange, type HttpExchange } from '../session/http-exchange.js'
import { SessionTransport } from '../session/session-transport.js'
import { ChangePasswordBody, ConfirmPasswordResetBody, LogInBody, SignUpBody } from './password.dto.js'

@Controller('auth')
export class PasswordController {
  constructor(
    @Inject(SignUp) private readonly signUp: SignUp,
    @Inject(LogIn) private readonly logIn: LogIn,
    @Inject(ConfirmPasswordReset) private readonly confirmReset: ConfirmPasswordReset,
    @Inject(ChangePassword) private readonly changePassword: ChangePassword,
    @Inject(SessionTransport) private readonly transport: SessionTransport,
    @Inject(MailDelivery) private readonly mail: MailDelivery,
  ) {}

  @Post('signup') @HttpCode(201) @Access('public') @Limit('signup_client') @CaptchaChecked()
  async signup(@CurrentProject() project: ProjectRecord, @Body(validated(SignUpBody)) body: SignUpBody, @Client() client: ClientInfo, @Exchange() http: HttpExchange) {
    const grant = await this.signUp.execute(project, body, client)
    return grant ? this.transport.answer(http, project, grant) : this.mail.confirmationRequired(http)
  }

  @Post(['login', 'token']) @HttpCode(200) @Access('public') @CaptchaChecked()
  async login(@CurrentProject() project: ProjectRecord, @Body(validated(LogInBody)) body: LogInBody, @Client() client: ClientInfo, @Exchange() http: HttpExchange) {
    return this.transport.answer(http, project, await this.logIn.execute(project, body, client))
  }

  @Post('password-reset/confirm') @HttpCode(200) @Access('public') @Limit('token_client')
  async resetConfirm(@CurrentProject() project: ProjectRecord, @Body(validated(ConfirmPasswordResetBody)) body: ConfirmPasswordResetBody, @Client() client: ClientInfo) {
    await this.confirmReset.execute(project, body, client)
    return { ok: true }
  }

  @Post('password') @HttpCode(200) @Access('session')
  async change(
    @CurrentProject() project: ProjectRecord,
    @CurrentSession() session: AuthenticatedSession,
    @Body(validated(ChangePasswordBody)) body: ChangePasswordBody,
    @Client() client: ClientInfo,
  ) {
    await this.changePassword.execute(project, session, body, client)
    return { ok: true }
  }
}
