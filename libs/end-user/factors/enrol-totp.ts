import { qrSvg } from '@portico/authenticators/qr-code'
import { acceptedTotpStep, enrolTotp, readTotpCode, TOTP_SEED_BYTES } from '@portico/authenticators/totp'
import { totpSeedContext } from '@portico/crypto/seal-context'
import type { SealedBox } from '@portico/crypto/sealed-box'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { isUuid } from '@portico/kernel/ids'
import { appName } from '@portico/kernel/settings/branding'
import type { Caller } from '../caller.js'
import type { IssuedSession, TokenIssuer } from '../steps/token-issuer.js'
import type { Enrolling } from '../steps/enrolling.js'
import type { AdmitFactor } from '../steps/admit-factor.js'
import { acceptStep, insertTotpFactor, lockTotpFactors } from '../records/factor.store.js'
import { activeFactorsWithin, type ListedFactor } from '../records/factors.view.js'
import { finishEnrolment, issueEnrolled, openEnrolment } from '../steps/finish-enrolment.js'
import type { FreshProof, RequireFreshFactor } from '../steps/require-fresh-factor.js'
import { requireMfa } from '../steps/require-mfa.js'

const MAX_FACTORS = 10

export interface StartedTotp {
  factorId: string
  friendlyName: string | null
  /** `otpauth://…`, and the same as an SVG to scan. */
  uri: string
  qrCode: string
  /** Base32, to type. */
  secret: string
}

/** Makes a seed for an authenticator app. It opens nothing until a first code shows that the app has it. */
export class StartTotp {
  constructor(
    private readonly db: ProjectDb,
    private readonly box: SealedBox,
    private readonly requireFresh: RequireFreshFactor,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  async execute(
    project: ProjectRecord,
    who: Enrolling,
    input: { friendlyName?: string | undefined } & FreshProof,
    caller: Caller,
  ): Promise<StartedTotp> {
    requireMfa(project)
    if (who.session) await this.requireFresh.execute(project, who.session, input, caller)
    const id = this.entropy.uuid()
    const seed = this.entropy.bytes(TOTP_SEED_BYTES)
    const sealed = this.box.seal(seed, totpSeedContext(project.scope.projectId, id))
    const now = this.clock.now()
    const friendlyName = input.friendlyName ?? null
    await this.db.transaction(project.scope, async (tx) => {
      await openEnrolment(tx, who)
      if ((await activeFactorsWithin(tx, who.userId)).length >= MAX_FACTORS) throw new AuthError('conflict', { message: `No more than ${MAX_FACTORS} factors.` })
      await insertTotpFactor(tx, { id, userId: who.userId, friendlyName, sealed, now })
    })
    const { uri, secret } = enrolTotp(seed, { issuer: appName(project), account: who.email })
    return { factorId: id, friendlyName, uri, secret, qrCode: qrSvg(uri) }
  }
}

export interface ActivatedTotp {
  factor: ListedFactor
  issued: IssuedSession
  recoveryCodes: string[] | null
}

/** The first right code: from now on the factor counts. */
export class ActivateTotp {
  constructor(
    private readonly db: ProjectDb,
    private readonly box: SealedBox,
    private readonly issuer: TokenIssuer,
    private readonly admission: AdmitFactor,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  async execute(project: ProjectRecord, who: Enrolling, input: { factorId: string; code: string }, caller: Caller): Promise<ActivatedTotp> {
    requireMfa(project)
    if (!isUuid(input.factorId)) throw new AuthError('not_found')
    // What is no code at all is not worth a guess.
    const code = readTotpCode(input.code)
    if (code === null) throw new AuthError('invalid_code')
    const attempt = await this.admission.execute(project, { userId: who.userId, sessionId: who.session?.id ?? null, caller })
    const now = this.clock.now()
    const { factor, enrolled } = await this.db.transaction(project.scope, async (tx) => {
      await openEnrolment(tx, who)
      const [found] = await lockTotpFactors(tx, who.userId, input.factorId)
      if (!found) throw new AuthError('not_found')
      if (found.active) throw new AuthError('conflict', { message: 'This factor is active already.' })
      const seed = this.box.open(found.sealed, totpSeedContext(project.scope.projectId, found.id))
      const step = acceptedTotpStep(seed, code, { now, lastAcceptedStep: null })
      if (step === null) throw new AuthError('invalid_code')
      await acceptStep(tx, { factorId: found.id, step, now })
      return {
        factor: found,
        enrolled: await finishEnrolment(tx, project, who, {
          factor: { id: found.id, type: 'totp' },
          amr: ['otp'],
          entropy: this.entropy,
          now,
          caller,
        }),
      }
    })
    await attempt.succeeded()
    const { id, friendlyName, createdAt } = factor
    const listed = { id, type: 'totp', friendlyName, active: true, createdAt, lastUsedAt: now } as const
    const issued = await issueEnrolled(this.issuer, project, who, enrolled, caller)
    return { factor: listed, recoveryCodes: enrolled.recoveryCodes, issued }
  }
}
