import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common'
import type { ProjectRecord } from '@portico/database/project-directory'
import { ChangePassword } from '@portico/end-user/ways-in/password/change-password'
import { ConfirmPasswordReset } from '@portico/end-user/ways-in/password/confirm-password-reset'
import type { AuthenticatedSession } from '@portico/end-user/steps/authenticate'
import { Access, Client, CurrentProject, CurrentSession, Limit } from '@portico/http/access'
import type { ClientInfo } from '@portico/http/request-context'
import { validated } from '@portico/http/validated'
import { ChangePasswordBody, ConfirmPasswordResetBody } from './password.body.js'

@Controller('auth')
export class PasswordController {
  constructor(
    @Inject(ConfirmPasswordReset) private readonly confirmReset: ConfirmPasswordReset,
    @Inject(ChangePassword) private readonly changePassword: ChangePassword,
  ) {}

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
