import { Body, Controller, Delete, HttpCode, Inject, Post } from '@nestjs/common'
import type { ProjectRecord } from '@portico/database/project-directory'
import { ConfirmSignUp } from '@portico/end-user/email/confirm-sign-up'
import { RequestEmailChange } from '@portico/end-user/email/request-email-change'
import { ResendConfirmation } from '@portico/end-user/email/resend-confirmation'
import { CancelEmailChange } from '@portico/end-user/email/cancel-email-change'
import { UndoEmailChange } from '@portico/end-user/email/undo-email-change'
import { endUserAnswer } from '@portico/end-user/records/end-user'
import { Authenticate, type AuthenticatedSession } from '@portico/end-user/steps/authenticate'
import { Access, Client, CurrentProject, CurrentSession, Limit } from '@portico/http/access'
import type { ClientInfo } from '@portico/http/request-context'
import { validated } from '@portico/http/validated'
import { bearerToken } from '../session/bearer-token.js'
import { Exchange, type HttpExchange } from '../session/http-exchange.js'
import { MailRequestBody } from '../password/password.body.js'
import { ChangeEmailBody, ConfirmEmailBody, TokenBody } from './email.body.js'
import { MailDelivery } from './mail-delivery.js'

@Controller('auth/email')
export class EmailController {
  constructor(
    @Inject(ConfirmSignUp) private readonly confirmSignUp: ConfirmSignUp,
    @Inject(ResendConfirmation) private readonly resendConfirmation: ResendConfirmation,
    @Inject(RequestEmailChange) private readonly requestChange: RequestEmailChange,
    @Inject(CancelEmailChange) private readonly cancelChange: CancelEmailChange,
    @Inject(UndoEmailChange) private readonly undoChange: UndoEmailChange,
    @Inject(Authenticate) private readonly authenticate: Authenticate,
    @Inject(MailDelivery) private readonly mail: MailDelivery,
  ) {}

  @Post('confirm') @HttpCode(200) @Access('public') @Limit('token_client')
  async confirm(
    @CurrentProject() project: ProjectRecord,
    @Exchange() { request }: HttpExchange,
    @Body(validated(ConfirmEmailBody)) body: ConfirmEmailBody,
    @Client() client: ClientInfo,
  ) {
    const strict = project.settings.confirm_in_same_browser
    const token = bearerToken(request)
    // A bad one is refused and not left out: whoever sends a session counts on what it shows.
    const session = token === null ? null : await this.authenticate.execute(project, token)
    const { user, passwordRemoved } = await this.confirmSignUp.execute(project, body, client, { strict, session })
    return { ok: true, user: endUserAnswer(user), ...(passwordRemoved ? { password_removed: true } : {}) }
  }

  @Post('resend') @HttpCode(200) @Access('public') @Limit('reset_client')
  async resend(@CurrentProject() project: ProjectRecord, @Body(validated(MailRequestBody)) body: MailRequestBody) {
    await this.resendConfirmation.execute(project, body)
    return this.mail.accepted()
  }

  @Post('change') @HttpCode(200) @Access('session')
  async change(
    @CurrentProject() project: ProjectRecord,
    @CurrentSession() session: AuthenticatedSession,
    @Body(validated(ChangeEmailBody)) body: ChangeEmailBody,
    @Client() client: ClientInfo,
  ) {
    await this.requestChange.execute(project, session, body, client)
    return { ...this.mail.accepted(), confirmation_required: true }
  }

  @Delete('change') @Access('session')
  async cancel(@CurrentProject() project: ProjectRecord, @CurrentSession() session: AuthenticatedSession, @Client() client: ClientInfo) {
    await this.cancelChange.execute(project, session, client)
    return { ok: true }
  }

  @Post('change/undo') @HttpCode(200) @Access('public') @Limit('token_client')
  async undo(@CurrentProject() project: ProjectRecord, @Body(validated(TokenBody)) body: TokenBody, @Client() client: ClientInfo) {
    return { ok: true, user: endUserAnswer(await this.undoChange.execute(project, body.token, client)) }
  }
}
