import { formatId } from '@portico/kernel/ids'
import { VERSION } from '@portico/kernel/version'
import { DEMO_VISITOR } from '@portico/platform/caller'
import type { ConsolePerson } from '@portico/platform/console/console-people'
import type { ConsoleState } from '@portico/platform/console/read-console-session'

export interface ConsolePlace {
  publicUrl: string
  dataPlanePublicUrl: string
  demo: boolean
  localLogin: boolean
  /** Mails are kept to be looked at. */
  development: boolean
}

const SIGN_IN = '/api/v1/console/sign-in'

export function consoleSessionAnswer(state: ConsoleState, place: ConsolePlace) {
  const { mode, visitor } = state
  const inDemo = visitor?.actor.id === DEMO_VISITOR
  const asks = mode === 'password' || mode === 'oidc'
  return {
    mode,
    mode_is_configured: state.modeIsConfigured,
    signed_in: visitor !== null && visitor.role !== null ? true : visitor?.actor.type === 'api_key',
    setup_required: state.setupRequired,
    demo: place.demo,
    sign_in_url: asks ? SIGN_IN : null,
    local_sign_in_url: mode === 'oidc' && place.localLogin ? `${SIGN_IN}?local=true` : null,
    user: visitor?.person ? personAnswer(visitor.person) : null,
    role: visitor?.role ?? null,
    permissions: visitor ? [...visitor.permissions] : [],
    tenant: state.tenant && { id: formatId('tnt', state.tenant.id), name: state.tenant.name },
    tenants: state.tenants.map(({ id, name, role }) => ({ id: formatId('tnt', id), name, role })),
    banner: inDemo ? 'demo' : mode === 'open' ? 'open' : null,
    public_url: place.publicUrl,
    dev_inbox: place.development,
    data_plane_url: place.dataPlanePublicUrl,
    version: VERSION,
  }
}

export function personAnswer({ id, email, name }: ConsolePerson) {
  return { id, email, name }
}
