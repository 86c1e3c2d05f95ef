import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post } from '@nestjs/common'
import type { ProjectRecord } from '@portico/database/project-directory'
import { ChallengeSession } from '@portico/end-user/factors/challenge-session'
import { ActivateTotp, StartTotp } from '@portico/end-user/factors/enrol-totp'
import { FindEnrolling } from '@portico/end-user/steps/enrolling'
import { ListFactors } from '@portico/end-user/factors/list-factors'
import { factorAnswer } from '@portico/end-user/records/factor-answer'
import { RemoveFactor } from '@portico/end-user/factors/remove-factor'
import { ReplaceRecoveryCodes } from '@portico/end-user/factors/replace-recovery-codes'
import type { AuthenticatedSession } from '@portico/end-user/steps/authenticate'
import { sessionAnswer } from '@portico/end-user/steps/session-grant'
import { ConfirmRecovery } from '@portico/end-user/ways-in/second-factor/confirm-recovery'
import { VerifySecondFactor } from '@portico/end-user/ways-in/second-factor/verify-second-factor'
import { Access, Client, CurrentProject, CurrentSession, Limit } from '@portico/http/access'
import type { ClientInfo } from '@portico/http/request-context'
import { validated } from '@portico/http/validated'
import { TokenBody } from '../email/email.body.js'
import { Exchange, type HttpExchange } from '../session/http-exchange.js'
import { OptionalSession } from '../session/optional-session.js'
import { SessionTransport } from '../session/session-transport.js'
import { EnrolledTransport } from './enrolled-transport.js'
import { ActivateFactorBody, ChallengeBody, FreshProofBody, StartFactorBody, VerifyFactorBody } from './factors.body.js'

@Controller('auth')
export class FactorsController {
  constructor(
    @Inject(FindEnrolling) private readonly enrolling: FindEnrolling,
    @Inject(StartTotp) private readonly startTotp: StartTotp,
    @Inject(ActivateTotp) private readonly activateTotp: ActivateTotp,
    @Inject(ListFactors) private readonly listFactors: ListFactors,
    @Inject(RemoveFactor) private readonly removeFactor: RemoveFactor,
    @Inject(ReplaceRecoveryCodes) private readonly replaceRecoveryCodes: ReplaceRecoveryCodes,
    @Inject(VerifySecondFactor) private readonly verifySecondFactor: VerifySecondFactor,
    @Inject(ChallengeSession) private readonly challengeSession: ChallengeSession,
    @Inject(ConfirmRecovery) private readonly confirmRecovery: ConfirmRecovery,
    @Inject(SessionTransport) private readonly transport: SessionTransport,
    @Inject(EnrolledTransport) private readonly enrolled: EnrolledTransport,
  ) {}

  @Post('factors') @HttpCode(201) @Access('enrolment') @Limit('factor_client')
  async start(
    @CurrentProject() project: ProjectRecord,
    @OptionalSession() session: AuthenticatedSession | null,
    @Body(validated(StartFactorBody)) body: StartFactorBody,
    @Client() client: ClientInfo,
  ) {
    const who = await this.enrolling.execute(project, session, body.mfaToken)
    const { factorId, friendlyName, uri, secret, qrCode } = await this.startTotp.execute(project, who, body, client)
    return { factor_id: factorId, type: body.type, friendly_name: friendlyName, status: 'unverified', otpauth_uri: uri, secret, qr_code: qrCode }
  }

  @Post('factors/recovery-codes') @HttpCode(200) @Access('session')
  async recoveryCodes(
    @CurrentProject() project: ProjectRecord,
    @CurrentSession() session: AuthenticatedSession,
    @Body(validated(FreshProofBody)) body: FreshProofBody,
    @Client() client: ClientInfo,
  ) {
    return { recovery_codes: await this.replaceRecoveryCodes.execute(project, session, body, client) }
  }

  @Post('factors/:id/verify') @HttpCode(200) @Access('enrolment') @Limit('factor_client')
  async activate(
    @CurrentProject() project: ProjectRecord,
    @OptionalSession() session: AuthenticatedSession | null,
    @Param('id') factorId: string,
    @Body(validated(ActivateFactorBody)) body: ActivateFactorBody,
    @Client() client: ClientInfo,
    @Exchange() http: HttpExchange,
  ) {
    const who = await this.enrolling.execute(project, session, body.mfaToken)
    const { factor, grant, recoveryCodes } = await this.activateTotp.execute(project, who, { factorId, code: body.code }, client)
    return { factor: factorAnswer(factor), ...this.enrolled.answer(http, project, who, grant, recoveryCodes) }
  }

  @Get('factors') @Access('session')
  list(@CurrentProject() project: ProjectRecord, @CurrentSession() session: AuthenticatedSession) {
    return this.listFactors.execute(project, session)
  }

  @Delete('factors/:id') @Access('session')
  async remove(
    @CurrentProject() project: ProjectRecord,
    @CurrentSession() session: AuthenticatedSession,
    @Param('id') factorId: string,
    @Body(validated(FreshProofBody)) body: FreshProofBody,
    @Client() client: ClientInfo,
  ) {
    await this.removeFactor.execute(project, session, { factorId, ...body }, client)
    return { ok: true }
  }

  @Post('mfa/verify') @HttpCode(200) @Access('public') @Limit('factor_client')
  async verify(
    @CurrentProject() project: ProjectRecord,
    @Body(validated(VerifyFactorBody)) { mfaToken, ...proof }: VerifyFactorBody,
    @Client() client: ClientInfo,
    @Exchange() http: HttpExchange,
  ) {
    return this.transport.answer(http, project, await this.verifySecondFactor.execute(project, { mfaToken, proof }, client))
  }

  @Post('recovery/confirm') @HttpCode(200) @Access('public') @Limit('token_client')
  async recover(
    @CurrentProject() project: ProjectRecord,
    @Body(validated(TokenBody)) { token }: TokenBody,
    @Client() client: ClientInfo,
    @Exchange() http: HttpExchange,
  ) {
    return this.transport.answer(http, project, await this.confirmRecovery.execute(project, token, client))
  }

  @Post('mfa/challenge') @HttpCode(200) @Access('session')
  async challenge(
    @CurrentProject() project: ProjectRecord,
    @CurrentSession() session: AuthenticatedSession,
    @Body(validated(ChallengeBody)) { maxAge, ...proof }: ChallengeBody,
    @Client() client: ClientInfo,
  ) {
    if (proof.code === undefined && proof.assertion === undefined) return this.challengeSession.ask(project, session, maxAge ?? null)
    return sessionAnswer(await this.challengeSession.execute(project, session, proof, client), false)
  }
}
