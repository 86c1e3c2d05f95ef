import type { Permission } from '@portico/kernel/permissions'

/** An API key, or a person: a member by the id of their account, or whoever sits at a console that asks for no name. */
export type Actor =
  | { readonly type: 'api_key' | 'platform_user'; readonly id: string }
  /** The service by itself, at its start. */
  | { readonly type: 'system'; readonly id: null }

/** Who makes a control-plane call, and what they may do. */
export interface Caller {
  readonly tenantId: string
  readonly actor: Actor
  readonly permissions: ReadonlySet<Permission>
  /** An API key may be limited to some projects; `null`: all of the tenant. */
  readonly projects: ReadonlySet<string> | null
  readonly ip: string | null
  readonly userAgent: string | null
}

/** The name of whoever looks around in the demo, as the actor of what they read. */
export const DEMO_VISITOR = 'demo_visitor'
