import type { DataPlaneConfig } from '@portico/config/data-plane-config'
import { hmacSha256 } from '@portico/crypto/hmac'
import type { PasswordHasher } from '@portico/crypto/password-hasher'
import type { SealedBox } from '@portico/crypto/sealed-box'
import type { ChangeFeed } from '@portico/database/change-feed'
import type { ProjectDb } from '@portico/database/project-db'
import { SuspectedSources } from '@portico/end-user/abuse/suspected-sources'
import { CheckCaptcha } from '@portico/end-user/abuse/check-captcha'
import { RecordLinkScanner } from '@portico/end-user/abuse/record-link-scanner'
import { DeleteUser } from '@portico/end-user/account/delete-user'
import { HasPassword } from '@portico/end-user/account/has-password'
import { ReadAccount } from '@portico/end-user/account/read-account'
import { ReportDevice } from '@portico/end-user/account/report-device'
import { UpdateUser } from '@portico/end-user/account/update-user'
import { CancelEmailChange } from '@portico/end-user/email/cancel-email-change'
import { ConfirmEmailChange } from '@portico/end-user/email/confirm-email-change'
import { ConfirmSignUp } from '@portico/end-user/email/confirm-sign-up'
import { RequestEmailChange } from '@portico/end-user/email/request-email-change'
import { ReadMailedLink } from '@portico/end-user/email/read-mailed-link'
import { ReadMailStatus } from '@portico/end-user/email/read-mail-status'
import { ResendConfirmation } from '@portico/end-user/email/resend-confirmation'
import { UndoEmailChange } from '@portico/end-user/email/undo-email-change'
import { ChallengeSession } from '@portico/end-user/factors/challenge-session'
import { ActivateTotp, StartTotp } from '@portico/end-user/factors/enrol-totp'
import { ListFactors } from '@portico/end-user/factors/list-factors'
import { ListPasskeys, RenamePasskey } from '@portico/end-user/factors/manage-passkeys'
import { RegisterPasskey, StartPasskey } from '@portico/end-user/factors/register-passkey'
import { RemoveFactor } from '@portico/end-user/factors/remove-factor'
import { ReplaceRecoveryCodes } from '@portico/end-user/factors/replace-recovery-codes'
import { CompleteLink } from '@portico/end-user/identities/complete-link'
import { ListIdentities } from '@portico/end-user/identities/list-identities'
import { StartLink } from '@portico/end-user/identities/start-link'
import { UnlinkIdentity } from '@portico/end-user/identities/unlink-identity'
import { AcceptInvitation } from '@portico/end-user/invitations/accept-invitation'
import type { AuthUrls } from '@portico/end-user/project/auth-urls'
import type { ProjectKeys } from '@portico/end-user/project/project-keys'
import { ReadKeySet } from '@portico/end-user/project/read-key-set'
import { EndAllSessions, EndSession } from '@portico/end-user/sessions/end-sessions'
import { ListSessions } from '@portico/end-user/sessions/list-sessions'
import { LogOut } from '@portico/end-user/sessions/log-out'
import { PageSession } from '@portico/end-user/sessions/page-session'
import { RefreshSession } from '@portico/end-user/sessions/refresh-session'
import { VerifyToken } from '@portico/end-user/sessions/verify-token'
import { AdmitCode } from '@portico/end-user/steps/admit-code'
import { AdmitFactor } from '@portico/end-user/steps/admit-factor'
import { AdmitPassword } from '@portico/end-user/steps/admit-password'
import { Authenticate } from '@portico/end-user/steps/authenticate'
import { AskHooks } from '@portico/end-user/steps/hooks/ask-hooks'
import { CallHook } from '@portico/end-user/steps/hooks/call-hook'
import { CheckHolder } from '@portico/end-user/steps/check-holder'
import { CheckNewPassword } from '@portico/end-user/steps/check-new-password'
import { FindEnrolling } from '@portico/end-user/steps/enrolling'
import type { ChangedUsers } from '@portico/end-user/steps/changed-users'
import { KnownDevices } from '@portico/end-user/steps/known-devices'
import { CheckPasskey } from '@portico/end-user/steps/passkey/check-passkey'
import { PasskeyOptions } from '@portico/end-user/steps/passkey/passkey-options'
import { ProveFactor } from '@portico/end-user/steps/prove-factor'
import { Reauthenticate } from '@portico/end-user/steps/reauthenticate'
import { RefusedSignIns } from '@portico/end-user/steps/refused-sign-ins'
import type { SignInAttempts } from '@portico/end-user/steps/sign-in-attempts'
import { RequireFreshFactor } from '@portico/end-user/steps/require-fresh-factor'
import { TokenIssuer } from '@portico/end-user/steps/token-issuer'
import type { TxtRecords } from '@portico/end-user/organizations/email-domains'
import { WorkForOrganization } from '@portico/end-user/steps/work-for-organization'
import { StartProvenSession } from '@portico/end-user/steps/start-proven-session'
import { ReadBrandImage } from '@portico/end-user/ways-in/hosted/read-brand-image'
import { HandOverSession } from '@portico/end-user/ways-in/hosted/hand-over-session'
import { FinishOAuth } from '@portico/end-user/ways-in/oauth/finish-oauth'
import { StartOAuth } from '@portico/end-user/ways-in/oauth/start-oauth'
import { PasskeysOnPage } from '@portico/end-user/ways-in/passkey/passkeys-on-page'
import { ReadRelatedOrigins } from '@portico/end-user/ways-in/passkey/read-related-origins'
import { SignInWithPasskey } from '@portico/end-user/ways-in/passkey/sign-in-with-passkey'
import { StartPasskeySignIn } from '@portico/end-user/ways-in/passkey/start-passkey-sign-in'
import { ChangePassword } from '@portico/end-user/ways-in/password/change-password'
import { ConfirmPasswordReset } from '@portico/end-user/ways-in/password/confirm-password-reset'
import { LogIn } from '@portico/end-user/ways-in/password/log-in'
import { RatePassword } from '@portico/end-user/ways-in/password/rate-password'
import { RequestPasswordReset } from '@portico/end-user/ways-in/password/request-password-reset'
import { SignUp } from '@portico/end-user/ways-in/password/sign-up'
import { ConfirmMagicLink } from '@portico/end-user/ways-in/passwordless/confirm-magic-link'
import { RedeemExchangeCode } from '@portico/end-user/ways-in/passwordless/redeem-exchange-code'
import { RequestSignInMail } from '@portico/end-user/ways-in/passwordless/request-sign-in-mail'
import { VerifyEmailCode } from '@portico/end-user/ways-in/passwordless/verify-email-code'
import { ConfirmRecovery } from '@portico/end-user/ways-in/second-factor/confirm-recovery'
import { OfferedFactors } from '@portico/end-user/ways-in/second-factor/offered-factors'
import { VerifySecondFactor } from '@portico/end-user/ways-in/second-factor/verify-second-factor'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { OAuthClient } from '@portico/oauth/oauth-client'
import type { GuardedHttp } from '@portico/outbound/guarded-http'
import type { RateLimits } from '@portico/rate-limit/rate-limiter'
import { makeOrganizationUseCases } from './dialects/portico/organizations/organization-use-cases.js'
import { makeDirectoryUseCases } from './dialects/scim/directory-use-cases.js'
import { makeSetupUseCases } from './pages/setup/setup-use-cases.js'
import { makeSsoUseCases } from './dialects/portico/sso/sso-use-cases.js'
import { FactorLimitBuckets } from './project/factor-limit-buckets.js'
import { FailureSketchBuckets } from './project/failure-sketch-buckets.js'
import { EndUserLimitBuckets } from './project/end-user-limit-buckets.js'

export interface Parts {
  config: DataPlaneConfig
  db: ProjectDb
  hasher: PasswordHasher
  box: SealedBox
  keys: ProjectKeys
  urls: AuthUrls
  limits: RateLimits
  changedUsers: ChangedUsers
  feed: ChangeFeed
  outbound: GuardedHttp
  /** Where the proofs of mail domains are looked up. */
  txtRecords: TxtRecords
  attempts: SignInAttempts
  clock: Clock
  entropy: Entropy
}

export type UseCases = ReturnType<typeof makeUseCases>

/** Every use case of the data plane, constructed once. */
export function makeUseCases(parts: Parts) {
  const { config, db, hasher, box, keys, urls, limits: counters, changedUsers, feed, outbound, attempts, clock, entropy } = parts
  const limits = new EndUserLimitBuckets(counters)
  const masterKeys = [config.masterKey, ...(config.previousMasterKey === null ? [] : [config.previousMasterKey])]
  const codeKeys = masterKeys.map((key) => hmacSha256(key, 'portico/email-code'))
  const callHook = new CallHook(db, box, clock, entropy, { allowLoopback: config.allowLoopbackProviders })
  const hooks = new AskHooks(db, callHook, clock)
  const issuer = new TokenIssuer(keys, urls, clock, entropy, hooks, attempts)
  const authenticate = new Authenticate(db, keys, urls, clock)
  const refusals = new RefusedSignIns(db, limits, clock, attempts)
  const sources = new SuspectedSources(new FailureSketchBuckets(counters, hmacSha256(config.masterKey, 'portico/failure-sketch')), clock)
  const admission = new AdmitPassword(db, limits, clock, sources, refusals)
  const admitCode = new AdmitCode(db, limits, clock)
  const checkNewPassword = new CheckNewPassword(clock, { allowLoopback: config.allowLoopbackProviders })
  const devices = new KnownDevices(db, keys, clock, entropy)
  const reauthenticate = new Reauthenticate(db, hasher, admission, clock)
  const checkPasskey = new CheckPasskey(db, urls, clock)
  const passkeyOptions = new PasskeyOptions(db, urls, clock, entropy)
  const admitFactor = new AdmitFactor(db, new FactorLimitBuckets(counters), clock)
  const prove = new ProveFactor(db, box, checkPasskey, admitFactor, clock, entropy)
  const requireFresh = new RequireFreshFactor(db, prove, reauthenticate, clock)
  const holder = new CheckHolder(db, hasher, admission)
  const start = new StartProvenSession(db, issuer, clock, entropy)
  const confirmEmailChange = new ConfirmEmailChange(db, holder, prove, clock, entropy)
  const workFor = new WorkForOrganization(db, issuer)
  const redeemExchangeCode = new RedeemExchangeCode(db, start, issuer, refusals, workFor, clock)
  const oauthClient = new OAuthClient(outbound)
  return {
    authenticate,
    readKeySet: new ReadKeySet(keys, clock),
    checkCaptcha: new CheckCaptcha(db, box, outbound, config.captchaVerifyUrl),
    recordLinkScanner: new RecordLinkScanner(db, limits, clock),

    signUp: new SignUp(db, hasher, issuer, limits, devices, checkNewPassword, clock, entropy),
    logIn: new LogIn(db, hasher, issuer, admission, devices, refusals, clock, entropy),
    requestPasswordReset: new RequestPasswordReset(db, limits, clock, entropy),
    confirmPasswordReset: new ConfirmPasswordReset(db, hasher, limits, hooks, checkNewPassword, clock, entropy),
    changePassword: new ChangePassword(db, reauthenticate, hooks, checkNewPassword, clock, entropy),
    ratePassword: new RatePassword(checkNewPassword),

    verifyToken: new VerifyToken(authenticate, changedUsers, () => feed.heard, db, clock),
    refreshSession: new RefreshSession(db, keys, issuer, clock),
    logOut: new LogOut(db, authenticate, keys, clock),
    listSessions: new ListSessions(db, clock),
    endSession: new EndSession(db, clock),
    endAllSessions: new EndAllSessions(db, clock, entropy),

    readAccount: new ReadAccount(db, authenticate, clock),
    hasPassword: new HasPassword(db),
    updateUser: new UpdateUser(db, clock),
    reportDevice: new ReportDevice(db, clock, entropy),
    deleteUser: new DeleteUser(db, reauthenticate, clock, entropy),

    confirmSignUp: new ConfirmSignUp(db, holder, prove, confirmEmailChange, admitCode, clock, entropy, codeKeys),
    readMailStatus: new ReadMailStatus(db),
    readMailedLink: new ReadMailedLink(db, clock),
    resendConfirmation: new ResendConfirmation(db, limits, clock, entropy),
    requestEmailChange: new RequestEmailChange(db, reauthenticate, limits, clock, entropy),
    confirmEmailChange,
    cancelEmailChange: new CancelEmailChange(db, clock),
    undoEmailChange: new UndoEmailChange(db, clock, entropy),

    requestSignInMail: new RequestSignInMail(db, urls, limits, clock, entropy),
    confirmMagicLink: new ConfirmMagicLink(db, urls, start, hooks, redeemExchangeCode, refusals, clock, entropy, codeKeys[0]!),
    verifyEmailCode: new VerifyEmailCode(db, start, hooks, admitCode, refusals, clock, entropy, codeKeys),
    redeemExchangeCode,
    startProven: start,
    handOverSession: new HandOverSession(db, keys, clock),
    readBrandImage: new ReadBrandImage(db),
    pageSession: new PageSession(db, keys, issuer, authenticate, clock),
    acceptInvitation: new AcceptInvitation(db, hasher, start, workFor, hooks, refusals, checkNewPassword, clock, entropy),

    startOAuth: new StartOAuth(db, oauthClient, box, urls, refusals, clock, entropy),
    finishOAuth: new FinishOAuth(db, oauthClient, box, urls, limits, refusals, hooks, clock, entropy),
    listIdentities: new ListIdentities(db),
    startLink: new StartLink(db, box, urls, reauthenticate, clock),
    completeLink: new CompleteLink(db, clock, entropy),
    unlinkIdentity: new UnlinkIdentity(db, reauthenticate, clock, entropy),

    ...makeOrganizationUseCases(db, issuer, workFor, clock, entropy),
    ...makeSsoUseCases(parts, { client: oauthClient, refusals, hooks, limits }),
    ...makeDirectoryUseCases(db, hooks, clock, entropy),
    ...makeSetupUseCases(parts),

    findEnrolling: new FindEnrolling(db, clock),
    startTotp: new StartTotp(db, box, requireFresh, clock, entropy),
    activateTotp: new ActivateTotp(db, box, issuer, admitFactor, clock, entropy),
    listFactors: new ListFactors(db),
    removeFactor: new RemoveFactor(db, requireFresh, clock, entropy),
    replaceRecoveryCodes: new ReplaceRecoveryCodes(db, requireFresh, clock, entropy),
    verifySecondFactor: new VerifySecondFactor(db, prove, issuer, refusals, clock, entropy),
    offeredFactors: new OfferedFactors(db, clock),
    challengeSession: new ChallengeSession(db, prove, passkeyOptions, issuer, clock),
    confirmRecovery: new ConfirmRecovery(db, start, refusals, clock, entropy),

    startPasskey: new StartPasskey(db, urls, passkeyOptions, requireFresh),
    registerPasskey: new RegisterPasskey(db, urls, issuer, clock, entropy),
    startPasskeySignIn: new StartPasskeySignIn(db, passkeyOptions, clock),
    signInWithPasskey: new SignInWithPasskey(db, checkPasskey, issuer, refusals, clock, entropy),
    listPasskeys: new ListPasskeys(db),
    renamePasskey: new RenamePasskey(db, clock),
    passkeysOnPage: new PasskeysOnPage(db),
    readRelatedOrigins: new ReadRelatedOrigins(db),
  }
}
