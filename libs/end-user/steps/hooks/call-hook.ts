import type { SealedBox } from '@portico/crypto/sealed-box'
import { openSecrets, webhookSignature } from '@portico/crypto/webhook-secret'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import type { Clock } from '@portico/kernel/clock'
import { toNumericDate } from '@portico/kernel/duration'
import type { Entropy } from '@portico/kernel/entropy'
import type { HookName, StoredHook } from '@portico/kernel/hooks'
import { GuardedHttp } from '@portico/outbound/guarded-http'
import { OutboundError, type OutboundProblem } from '@portico/outbound/outbound-error'
import { noteHookState } from '../../records/hook.store.js'
import { Circuits } from './circuits.js'
import { printQuestion, type Question } from './hook-question.js'
import { readHookAnswer, type HookDecision } from './hook-answer.js'

/** Two tries, five seconds in all: who signs in waits for them. */
const TRY_MS = 2_450
const ANSWER_LIMIT = 65_536
/** Of one project, at once. A hook that hangs holds these and nobody else's. */
const MOST_OF_PROJECT = 50
const NO_ANSWER: HookOutcome = { kind: 'failed', reason: 'invalid_answer' }
const AGAIN = new Set(['unreachable', 'too_slow'])

export type HookFailure = OutboundProblem | 'circuit_open' | 'refused' | 'invalid_answer' | 'failed'
export type HookOutcome = { kind: 'answered'; decision: HookDecision } | { kind: 'failed'; reason: HookFailure }

/**
 * Asks one endpoint. Holds nothing while it waits: no connection, no transaction, no place to hash. Never throws: whatever happens is an
 * outcome, and the hook's `on_failure` decides what it means.
 */
export class CallHook {
  readonly #http: GuardedHttp
  readonly #circuits = new Circuits()

  constructor(
    private readonly db: ProjectDb,
    private readonly box: SealedBox,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
    options: { allowLoopback: boolean; tryMs?: number },
  ) {
    const timeLimitMs = options.tryMs ?? TRY_MS
    const { allowLoopback } = options
    this.#http = new GuardedHttp({ allowLoopback, timeLimitMs, sizeLimit: ANSWER_LIMIT, maxPerProject: MOST_OF_PROJECT })
  }

  /** @param givenId where the same question may be asked again later */
  async execute(
    scope: ProjectScope,
    name: HookName,
    hook: StoredHook,
    data: Question,
    givenId?: string,
  ): Promise<HookOutcome> {
    if (!this.#circuits.admits(hook.id)) return { kind: 'failed', reason: 'circuit_open' }
    const now = this.clock.now()
    const id = givenId ?? `msg_${now.getTime().toString(16).padStart(12, '0')}${this.entropy.bytes(8).toString('hex')}`
    const body = printQuestion(name, { id, at: now, projectId: scope.projectId, data })
    let outcome = await this.#try(scope, name, hook, { id, body })
    if (outcome.kind === 'failed' && AGAIN.has(outcome.reason)) outcome = await this.#try(scope, name, hook, { id, body })
    this.#note(scope, hook, outcome)
    return outcome
  }

  async #try(scope: ProjectScope, name: HookName, hook: StoredHook, { id, body }: { id: string; body: string }): Promise<HookOutcome> {
    try {
      const now = this.clock.now()
      const secrets = openSecrets(this.box, scope.projectId, hook.id, hook.secretSealed)
      const seconds = toNumericDate(now)
      const headers = {
        'content-type': 'application/json; charset=utf-8',
        'user-agent': 'Portico-Hooks/1',
        'webhook-id': id,
        'webhook-timestamp': String(seconds),
        'webhook-signature': webhookSignature(secrets, { id, seconds, body }, now),
      }
      const answer = await this.#http.within({ project: scope.projectId, tenant: scope.tenantId }, (fetch) =>
        fetch(hook.url, { method: 'POST', headers, body }),
      )
      // A redirect is not followed: it would carry the message to wherever it points.
      if (!answer.ok) return { kind: 'failed', reason: answer.status >= 500 ? 'unreachable' : 'refused' }
      // A page that some proxy shows with status 200 is none, whatever it contains.
      if (!/^(application\/([\w.+-]+\+)?json\b|$)/i.test(answer.headers.get('content-type') ?? '')) return NO_ANSWER
      if (!/^(identity)?$/i.test(answer.headers.get('content-encoding') ?? '')) return NO_ANSWER
      const decision = readHookAnswer(name, await answer.text())
      return decision ? { kind: 'answered', decision } : NO_ANSWER
    } catch (error) {
      return { kind: 'failed', reason: error instanceof OutboundError ? error.problem : 'failed' }
    }
  }

  /** Told once when the circuit opens and closes; nobody waits for it. */
  #note(scope: ProjectScope, hook: StoredHook, outcome: HookOutcome): void {
    // Our own bound, and no fault of the endpoint's.
    if (outcome.kind === 'failed' && outcome.reason === 'busy') return
    const failing = outcome.kind === 'failed'
    const changed = failing ? this.#circuits.failed(hook.id) : this.#circuits.succeeded(hook.id)
    if (!changed) return
    const state = { id: hook.id, failing, reason: failing ? outcome.reason : null, now: this.clock.now() }
    void noteHookState(this.db, scope, state).catch(() => undefined)
  }
}
