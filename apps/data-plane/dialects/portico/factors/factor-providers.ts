import type { SealedBox } from '@portico/crypto/sealed-box'
import type { ProjectDb } from '@portico/database/project-db'
import type { Reauthenticate } from '@portico/end-user/steps/reauthenticate'
import { ChallengeSession } from '@portico/end-user/factors/challenge-session'
import { ActivateTotp, StartTotp } from '@portico/end-user/factors/enrol-totp'
import { FindEnrolling } from '@portico/end-user/steps/enrolling'
import { ListFactors } from '@portico/end-user/factors/list-factors'
import { ProveFactor } from '@portico/end-user/steps/prove-factor'
import type { RefusedSignIns } from '@portico/end-user/steps/refused-sign-ins'
import { RemoveFactor } from '@portico/end-user/factors/remove-factor'
import { ReplaceRecoveryCodes } from '@portico/end-user/factors/replace-recovery-codes'
import { RequireFreshFactor } from '@portico/end-user/steps/require-fresh-factor'
import { StartProvenSession } from '@portico/end-user/steps/start-proven-session'
import type { SessionGrants } from '@portico/end-user/steps/session-grant'
import { ConfirmRecovery } from '@portico/end-user/ways-in/second-factor/confirm-recovery'
import { VerifySecondFactor } from '@portico/end-user/ways-in/second-factor/verify-second-factor'
import { CheckPasskey } from '@portico/end-user/steps/passkey/check-passkey'
import { ListPasskeys, RenamePasskey } from '@portico/end-user/factors/manage-passkeys'
import { PasskeyOptions } from '@portico/end-user/steps/passkey/passkey-options'
import { ReadRelatedOrigins } from '@portico/end-user/ways-in/passkey/read-related-origins'
import { RegisterPasskey, StartPasskey } from '@portico/end-user/factors/register-passkey'
import { SignInWithPasskey } from '@portico/end-user/ways-in/passkey/sign-in-with-passkey'
import { StartPasskeySignIn } from '@portico/end-user/ways-in/passkey/start-passkey-sign-in'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { RateLimits } from '@portico/rate-limit/rate-limiter'
import { SessionTransport } from '../session/session-transport.js'
import { EnrolledTransport } from './enrolled-transport.js'
import { ProjectFactorLimits } from './project-factor-limits.js'

interface FactorWires {
  db: ProjectDb
  box: SealedBox
  grants: SessionGrants
  limits: RateLimits
  refusals: RefusedSignIns
  reauthenticate: Reauthenticate
  publicUrl: string
  clock: Clock
  entropy: Entropy
}

/** Second factors and passkeys. */
export function factorProviders({ db, box, grants, limits: counters, refusals, reauthenticate, publicUrl, clock, entropy }: FactorWires): { prove: ProveFactor; providers: object[] } {
  const limits = new ProjectFactorLimits(counters)
  const passkeys = new CheckPasskey(db, clock)
  const options = new PasskeyOptions(db, clock, entropy)
  const prove = new ProveFactor(db, box, passkeys, limits, clock, entropy)
  const requireFresh = new RequireFreshFactor(db, prove, reauthenticate, clock)
  const providers = [
    new FindEnrolling(db, clock),
    new StartTotp(db, box, requireFresh, clock, entropy),
    new ActivateTotp(db, box, grants, limits, clock, entropy),
    new ListFactors(db),
    new RemoveFactor(db, requireFresh, clock, entropy),
    new ReplaceRecoveryCodes(db, requireFresh, clock, entropy),
    new VerifySecondFactor(db, prove, grants, refusals, clock, entropy),
    new ChallengeSession(db, prove, options, grants, clock),
    new ConfirmRecovery(db, new StartProvenSession(db, grants, clock, entropy), refusals, clock, entropy),
    new StartPasskey(db, options, requireFresh),
    new RegisterPasskey(db, grants, clock, entropy),
    new StartPasskeySignIn(db, options, clock),
    new SignInWithPasskey(db, passkeys, grants, refusals, clock, entropy),
    new ListPasskeys(db),
    new RenamePasskey(db, clock),
    new ReadRelatedOrigins(db),
    new EnrolledTransport(new SessionTransport(publicUrl)),
  ]
  return { prove, providers }
}
