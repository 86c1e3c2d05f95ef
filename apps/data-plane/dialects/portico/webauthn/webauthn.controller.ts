import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post } from '@nestjs/common'
import type { ProjectRecord } from '@portico/database/project-directory'
import { FindEnrolling } from '@portico/end-user/steps/enrolling'
import { RemoveFactor } from '@portico/end-user/factors/remove-factor'
import type { AuthenticatedSession } from '@portico/end-user/steps/authenticate'
import { ListPasskeys, passkeyAnswer, RenamePasskey } from '@portico/end-user/factors/manage-passkeys'
import { ReadRelatedOrigins } from '@portico/end-user/ways-in/passkey/read-related-origins'
import { RegisterPasskey, StartPasskey } from '@portico/end-user/factors/register-passkey'
import { SignInWithPasskey } from '@portico/end-user/ways-in/passkey/sign-in-with-passkey'
import { StartPasskeySignIn } from '@portico/end-user/ways-in/passkey/start-passkey-sign-in'
import { Access, Client, CurrentProject, CurrentSession, Limit } from '@portico/http/access'
import type { ClientInfo } from '@portico/http/request-context'
import { validated } from '@portico/http/validated'
import { EnrolledTransport } from '../factors/enrolled-transport.js'
import { FreshProofBody } from '../factors/factors.body.js'
import { cacheable } from '../../../project/cacheable.js'
import { Exchange, type HttpExchange } from '../session/http-exchange.js'
import { OptionalSession } from '../session/optional-session.js'
import { SessionTransport } from '../session/session-transport.js'
import { AuthenticateOptionsBody, AuthenticateVerifyBody, RegisterOptionsBody, RegisterVerifyBody, RenamePasskeyBody } from './webauthn.body.js'

const ORIGINS_SECONDS = 300

@Controller('auth')
export class WebAuthnController {
  constructor(
    @Inject(FindEnrolling) private readonly enrolling: FindEnrolling,
    @Inject(StartPasskey) private readonly startPasskey: StartPasskey,
    @Inject(RegisterPasskey) private readonly registerPasskey: RegisterPasskey,
    @Inject(StartPasskeySignIn) private readonly startSignIn: StartPasskeySignIn,
    @Inject(SignInWithPasskey) private readonly signIn: SignInWithPasskey,
    @Inject(ListPasskeys) private readonly listPasskeys: ListPasskeys,
    @Inject(RenamePasskey) private readonly renamePasskey: RenamePasskey,
    @Inject(RemoveFactor) private readonly removeFactor: RemoveFactor,
    @Inject(ReadRelatedOrigins) private readonly relatedOrigins: ReadRelatedOrigins,
    @Inject(SessionTransport) private readonly transport: SessionTransport,
    @Inject(EnrolledTransport) private readonly enrolled: EnrolledTransport,
  ) {}

  @Post('webauthn/register/options') @HttpCode(200) @Access('enrolment') @Limit('factor_client')
  async registerOptions(
    @CurrentProject() project: ProjectRecord,
    @OptionalSession() session: AuthenticatedSession | null,
    @Body(validated(RegisterOptionsBody)) body: RegisterOptionsBody,
    @Client() client: ClientInfo,
  ) {
    const who = await this.enrolling.execute(project, session, body.mfaToken)
    return this.startPasskey.execute(project, who, body, client)
  }

  @Post('webauthn/register/verify') @HttpCode(201) @Access('enrolment') @Limit('factor_client')
  async registerVerify(
    @CurrentProject() project: ProjectRecord,
    @OptionalSession() session: AuthenticatedSession | null,
    @Body(validated(RegisterVerifyBody)) body: RegisterVerifyBody,
    @Client() client: ClientInfo,
    @Exchange() http: HttpExchange,
  ) {
    const who = await this.enrolling.execute(project, session, body.mfaToken)
    const { passkey, grant, recoveryCodes } = await this.registerPasskey.execute(project, who, body, client)
    return { passkey: passkeyAnswer(passkey), ...this.enrolled.answer(http, project, who, grant, recoveryCodes) }
  }

  @Post('webauthn/authenticate/options') @HttpCode(200) @Access('public') @Limit('factor_client')
  authenticateOptions(@CurrentProject() project: ProjectRecord, @Body(validated(AuthenticateOptionsBody)) body: AuthenticateOptionsBody) {
    return this.startSignIn.execute(project, body.mfaToken)
  }

  @Post('webauthn/authenticate/verify') @HttpCode(200) @Access('public') @Limit('factor_client')
  async authenticateVerify(
    @CurrentProject() project: ProjectRecord,
    @Body(validated(AuthenticateVerifyBody)) body: AuthenticateVerifyBody,
    @Client() client: ClientInfo,
    @Exchange() http: HttpExchange,
  ) {
    return this.transport.answer(http, project, await this.signIn.execute(project, body.credential, client))
  }

  @Get('webauthn/credentials') @Access('session')
  list(@CurrentProject() project: ProjectRecord, @CurrentSession() session: AuthenticatedSession) {
    return this.listPasskeys.execute(project, session)
  }

  @Patch('webauthn/credentials/:id') @Access('session')
  async rename(
    @CurrentProject() project: ProjectRecord,
    @CurrentSession() session: AuthenticatedSession,
    @Param('id') id: string,
    @Body(validated(RenamePasskeyBody)) { friendlyName }: RenamePasskeyBody,
    @Client() client: ClientInfo,
  ) {
    return passkeyAnswer(await this.renamePasskey.execute(project, session, { id, friendlyName }, client))
  }

  @Delete('webauthn/credentials/:id') @Access('session')
  async remove(
    @CurrentProject() project: ProjectRecord,
    @CurrentSession() session: AuthenticatedSession,
    @Param('id') factorId: string,
    @Body(validated(FreshProofBody)) body: FreshProofBody,
    @Client() client: ClientInfo,
  ) {
    await this.removeFactor.execute(project, session, { factorId, only: 'webauthn', ...body }, client)
    return { ok: true }
  }

  @Get('.well-known/webauthn') @Access('public')
  async wellKnown(@CurrentProject() project: ProjectRecord, @Exchange() http: HttpExchange) {
    return cacheable(http, ORIGINS_SECONDS, await this.relatedOrigins.execute(project))
  }
}
