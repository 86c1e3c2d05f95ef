import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AcceptInvitation } from '@portico/end-user/invitations/accept-invitation'
import { ConfirmMagicLink } from '@portico/end-user/ways-in/passwordless/confirm-magic-link'
import { RequestSignInMail } from '@portico/end-user/ways-in/passwordless/request-sign-in-mail'
import { VerifyEmailCode } from '@portico/end-user/ways-in/passwordless/verify-email-code'
import { Access, Client, CurrentProject, Limit } from '@portico/http/access'
import type { ClientInfo } from '@portico/http/request-context'
import { validated } from '@portico/http/validated'
import { CaptchaChecked } from '../abuse/captcha-hook.js'
import { MailDelivery } from '../email/mail-delivery.js'
import { Exchange, type HttpExchange } from '../session/http-exchange.js'
import { SessionTransport } from '../session/session-transport.js'
import { AcceptInvitationBody, ConfirmMagicLinkBody, EmailStartBody, EmailVerifyBody, MagicLinkBody } from './passwordless.body.js'

@Controller('auth')
export class PasswordlessController {
  constructor(
    @Inject(RequestSignInMail) private readonly requestMail: RequestSignInMail,
    @Inject(ConfirmMagicLink) private readonly confirmLink: ConfirmMagicLink,
    @Inject(VerifyEmailCode) private readonly verifyCode: VerifyEmailCode,
    @Inject(AcceptInvitation) private readonly accept: AcceptInvitation,
    @Inject(SessionTransport) private readonly transport: SessionTransport,
    @Inject(MailDelivery) private readonly mail: MailDelivery,
  ) {}

  @Post('magic-link') @HttpCode(200) @Access('public') @Limit('mail_client') @CaptchaChecked()
  async magicLink(@CurrentProject() project: ProjectRecord, @Body(validated(MagicLinkBody)) body: MagicLinkBody) {
    await this.requestMail.execute(project, 'magic_link', body)
    return this.mail.accepted()
  }

  @Post('magic-link/confirm') @HttpCode(200) @Access('public') @Limit('token_client')
  async magicLinkConfirm(@CurrentProject() project: ProjectRecord, @Body(validated(ConfirmMagicLinkBody)) body: ConfirmMagicLinkBody, @Client() client: ClientInfo, @Exchange() http: HttpExchange) {
    return this.transport.answer(http, project, await this.confirmLink.execute(project, body, client))
  }

  @Post('email/start') @HttpCode(200) @Access('public') @Limit('mail_client') @CaptchaChecked()
  async emailStart(@CurrentProject() project: ProjectRecord, @Body(validated(EmailStartBody)) body: EmailStartBody) {
    await this.requestMail.execute(project, 'email_otp', body)
    return this.mail.accepted()
  }

  @Post('email/verify') @HttpCode(200) @Access('public') @Limit('token_client')
  async emailVerify(@CurrentProject() project: ProjectRecord, @Body(validated(EmailVerifyBody)) body: EmailVerifyBody, @Client() client: ClientInfo, @Exchange() http: HttpExchange) {
    return this.transport.answer(http, project, await this.verifyCode.execute(project, body, client))
  }

  @Post('invitation/accept') @HttpCode(200) @Access('public') @Limit('token_client')
  async acceptInvitation(
    @CurrentProject() project: ProjectRecord,
    @Body(validated(AcceptInvitationBody)) body: AcceptInvitationBody,
    @Client() client: ClientInfo,
    @Exchange() http: HttpExchange,
  ) {
    return this.transport.answer(http, project, await this.accept.execute(project, body, client))
  }
}
