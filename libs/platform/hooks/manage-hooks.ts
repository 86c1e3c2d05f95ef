import type { SealedBox } from '@portico/crypto/sealed-box'
import { newWebhookSecret, openSecrets, rotatedSecrets, sealSecrets } from '@portico/crypto/webhook-secret'
import { recordAudit } from '@portico/database/audit'
import { lockList } from '@portico/database/lock-list'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectDirectory } from '@portico/database/project-directory'
import type { ProjectScope } from '@portico/database/project-scope'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { EventName } from '@portico/kernel/events'
import type { HookName } from '@portico/kernel/hooks'
import { readHttpUrl } from '@portico/kernel/http-url'
import type { GuardedHttp } from '@portico/outbound/guarded-http'
import { doneBy } from '../audit-actor.js'
import type { Caller } from '../caller.js'
import { deleteHook, listHooks, lockHook, saveHook, type Hook } from '../records/hook.store.js'

export interface HookInput {
  url?: string | undefined
  onFailure?: Hook['onFailure'] | undefined
  enabled?: boolean | undefined
}

/** Whom a project asks: one endpoint for each hook, set, turned off, removed, and its secrets. */
export class ManageHooks {
  constructor(
    private readonly db: ProjectDb,
    private readonly directory: ProjectDirectory,
    private readonly box: SealedBox,
    private readonly http: GuardedHttp,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  list(scope: ProjectScope): Promise<Hook[]> {
    return this.db.transaction(scope, (tx) => listHooks(tx))
  }

  /** Made or changed; the secret is answered when it is made, and never again. */
  async set(scope: ProjectScope, caller: Caller, name: HookName, input: HookInput): Promise<{ hook: Hook; secret: string | null }> {
    const url = input.url === undefined ? undefined : await this.#readUrl(input.url)
    const now = this.clock.now()
    return this.#change(scope, async (tx) => {
      // What is not there yet cannot be locked, and each of two who make it at once would seal a secret for an id of their own.
      await lockList(tx, 'hook')
      const before = await lockHook(tx, name)
      const target = url ?? before?.url
      if (target === undefined) throw invalidField('url', 'required', 'Say where the app answers.')
      const id = before?.id ?? this.entropy.uuid()
      const secret = before ? null : newWebhookSecret(this.entropy)
      const hook = await saveHook(
        tx,
        {
          hook: name,
          id,
          url: target,
          onFailure: input.onFailure ?? before?.onFailure ?? 'deny',
          enabled: input.enabled ?? before?.enabled ?? true,
          secretSealed: before?.secretSealed ?? sealSecrets(this.box, scope.projectId, id, { current: secret!, previous: null }),
        },
        now,
      )
      await note(tx, caller, 'hook.configured', name, now, { onFailure: hook.onFailure, enabled: hook.enabled })
      return { hook, secret }
    })
  }

  async remove(scope: ProjectScope, caller: Caller, name: HookName): Promise<void> {
    const now = this.clock.now()
    await this.#change(scope, async (tx) => {
      if (!(await deleteHook(tx, name))) throw new AuthError('not_found')
      await note(tx, caller, 'hook.removed', name, now)
    })
  }

  /** The new one signs at once; the one before signs beside it for a day. */
  async rotateSecret(scope: ProjectScope, caller: Caller, name: HookName): Promise<{ hook: Hook; secret: string }> {
    const now = this.clock.now()
    return this.#change(scope, async (tx) => {
      const before = await lockHook(tx, name)
      if (!before) throw new AuthError('not_found')
      const secrets = rotatedSecrets(openSecrets(this.box, scope.projectId, before.id, before.secretSealed), this.entropy, now)
      const hook = await saveHook(tx, { ...before, secretSealed: sealSecrets(this.box, scope.projectId, before.id, secrets) }, now)
      await note(tx, caller, 'hook.secret_rotated', name, now)
      return { hook, secret: secrets.current }
    })
  }

  async #change<T>(scope: ProjectScope, work: (tx: ProjectTx) => Promise<T>): Promise<T> {
    const now = this.clock.now()
    const done = await this.db.transaction(scope, async (tx) => {
      const result = await work(tx)
      tx.projectChanged(now)
      return result
    })
    this.directory.invalidate(scope.projectId)
    return done
  }

  async #readUrl(text: string): Promise<string> {
    const url = readHttpUrl(text)
    const plain = url?.protocol === 'http:' && !this.http.allowLoopback
    if (!url || plain) throw invalidField('url', 'invalid_url', 'This must be an https URL.')
    if (await this.http.isInner(url)) throw invalidField('url', 'not_allowed', 'This address is not reachable from outside.')
    return url.href
  }
}

function note(
  tx: ProjectTx,
  caller: Caller,
  action: EventName,
  name: HookName,
  now: Date,
  metadata: Record<string, unknown> = {},
): Promise<void> {
  return recordAudit(tx, { ...doneBy(caller), action, resource: 'hook', resourceId: name, metadata }, now)
}
