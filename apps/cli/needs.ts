import type { Command } from 'commander'

/** No key: what is done on this machine alone, and what asks for one. */
export const NO_KEY = '-'
/** Any key. */
export const ANY_KEY = 'any'

/**
 * What the API key of a command may have to be allowed, as `portico keys create --scope` takes it. Told by the help of each command, and
 * held against the API reference by test/cli/needs.test.ts.
 */
export const NEEDS: Readonly<Record<string, string>> = {
  login: NO_KEY,
  logout: NO_KEY,
  whoami: ANY_KEY,
  'profiles list': NO_KEY,
  'profiles use': NO_KEY,
  'profiles remove': NO_KEY,
  doctor: NO_KEY,
  completion: NO_KEY,
  help: NO_KEY,
  inbox: NO_KEY,

  'projects create': 'projects:write',
  'projects list': 'projects:read',
  'projects show': 'projects:read',
  'projects delete': 'projects:write',
  'instances list': 'projects:read',

  'auth enable': 'auth:write',
  'auth status': 'auth:read',
  'auth update': 'auth:write',
  'auth diff': 'auth:write',
  'auth apply': 'auth:write',
  'auth disable': 'auth:write',
  'auth rotate': 'auth:write',
  'auth providers list': 'auth:read',
  'auth providers set': 'auth:write',
  'auth providers test': 'auth:write',
  'auth providers remove': 'auth:write',
  'auth branding set': 'auth:write',
  'auth branding remove': 'auth:write',
  'auth captcha show': 'auth:read',
  'auth captcha set': 'auth:write',
  'auth captcha remove': 'auth:write',
  'mail sender show': 'auth:read',
  'mail sender set': 'auth:write',
  'mail sender verify': 'auth:write',
  'mail sender remove': 'auth:write',
  'mail templates list': 'auth:read',
  'mail templates show': 'auth:read',
  'mail templates set': 'auth:write',
  'mail templates preview': 'auth:write',
  'mail templates reset': 'auth:write',
  'mail templates test': 'auth:write',
  'mail suppressions list': 'users:read',
  'mail suppressions release': 'users:write',
  'mail list': 'users:read',

  'domains list': 'projects:read',
  'domains add': 'domains:write',
  'domains verify': 'domains:write',
  'domains main': 'domains:write',
  'domains hand-over': 'domains:write',
  'domains remove': 'domains:write',

  'users list': 'users:read',
  'users export': 'users:read',
  'users erase': 'users:write',
  'users verify-erasure': NO_KEY,
  'users bulk': 'users:write',
  'users show': 'users:read',
  'users create': 'users:write',
  'users invite': 'users:write',
  'users update': 'users:write',
  'users disable': 'users:write',
  'users enable': 'users:write',
  'users delete': 'users:write',
  'users recover': 'users:write',
  'users reset-factors': 'users:write',
  'users evict': 'users:write',
  'users identities': 'users:read',
  'users sessions': 'users:read',
  'users passkeys': 'users:read',
  'sessions list': 'users:read',
  'sessions end': 'users:write',

  'organizations list': 'users:read',
  'organizations show': 'users:read',
  'organizations create': 'users:write',
  'organizations update': 'users:write',
  'organizations delete': 'users:write',
  'organizations members': 'users:read',
  'organizations add-member': 'users:write',
  'organizations set-role': 'users:write',
  'organizations remove-member': 'users:write',
  'organizations transfer': 'users:write',
  'organizations invitations': 'users:read',
  'organizations invite': 'users:write',
  'organizations revoke': 'users:write',
  'organizations roles list': 'users:read',
  'organizations roles set': 'users:write',
  'organizations roles delete': 'users:write',

  'sso connections list': 'auth:read',
  'sso connections create': 'auth:write',
  'sso connections show': 'auth:read',
  'sso connections update': 'auth:write',
  'sso connections activate': 'auth:write',
  'sso connections delete': 'auth:write',
  'sso connections test': 'auth:write',
  'sso connections attempts': 'users:read',
  'sso connections attempt': 'users:read',
  'sso keys list': 'auth:read',
  'sso keys create': 'auth:write',
  'sso keys use': 'auth:write',
  'sso keys delete': 'auth:write',
  'sso setup-links list': 'auth:read',
  'sso setup-links create': 'auth:write',
  'sso setup-links revoke': 'auth:write',
  'sso domains list': 'auth:read',
  'sso domains add': 'auth:write',
  'sso domains verify': 'auth:write',
  'sso domains remove': 'auth:write',
  'sso break-glass list': 'auth:read',
  'sso break-glass grant': 'auth:write',
  'sso break-glass revoke': 'auth:write',
  'directories list': 'users:read',
  'directories create': 'users:write',
  'directories show': 'users:read',
  'directories update': 'users:write',
  'directories delete': 'users:write',
  'directories log': 'users:read',
  'directories tokens list': 'users:read',
  'directories tokens create': 'users:write',
  'directories tokens delete': 'users:write',

  'env pull': 'env:read',
  'env list': 'auth:read',
  'env set': 'auth:write',
  'env unset': 'auth:write',
  run: 'env:read',

  'webhooks list': 'webhooks.read',
  'webhooks create': 'webhooks.manage',
  'webhooks update': 'webhooks.manage',
  'webhooks delete': 'webhooks.manage',
  'webhooks rotate': 'webhooks.manage',
  'webhooks test': 'webhooks.manage',
  'webhooks deliveries': 'webhooks.read',
  'webhooks resend': 'webhooks.manage',
  'webhooks replay': 'webhooks.manage',
  'webhooks replays': 'webhooks.read',
  'hooks list': 'auth:read',
  'hooks set': 'auth:write',
  'hooks test': 'auth:write',
  'hooks rotate': 'auth:write',
  'hooks delete': 'auth:write',
  listen: 'audit:read',
  trigger: 'users:write',
  'audit tail': 'audit:read',
  'audit export': 'audit:read',
  'audit keys': ANY_KEY,
  'audit verify': NO_KEY,
  'audit retention': 'audit.manage',
  'audit stream show': 'audit:read',
  'audit stream set': 'audit.manage',
  'audit stream off': 'audit.manage',
  usage: 'stats.read',

  'keys create': 'keys:write',
  'keys list': 'keys:write',
  'keys revoke': 'keys:write',
  'team list': 'team.read',
  'team invite': 'team.manage',
  'team update': 'team.manage',
  'team remove': 'team.manage',
  'team roles list': 'team.read',
  'team roles create': 'team.manage',
  'team roles update': 'team.manage',
  'team roles delete': 'team.manage',
}

/** What some options and payloads need besides. */
const BESIDES: Readonly<Record<string, string>> = {
  'users sessions': '--end needs users:write.',
  'users identities': '--unlink needs users:write.',
  listen: 'With users:read too, messages carry the person that they are about.',
  trigger: 'Events of sessions need auth:read besides.',
}

/** `data auth enable` and `auth enable` are one command under two names. */
export function pathOf(command: Command): string {
  const names: string[] = []
  for (let at: Command | null = command; at?.parent; at = at.parent) names.unshift(at.name())
  return names.join(' ').replace(/^data auth /, 'auth ')
}

/** Every command that does something, with what it needs told by its help. */
export function tellNeeds(program: Command): void {
  for (const child of program.commands) {
    if (child.commands.length > 0) tellNeeds(child)
    const needs = NEEDS[pathOf(child)] ?? NO_KEY
    const besides = BESIDES[pathOf(child)]
    if (needs !== NO_KEY) child.addHelpText('after', `\n${sentence(needs)}${besides === undefined ? '' : ` ${besides}`}`)
  }
}

function sentence(needs: string): string {
  if (needs === ANY_KEY) return 'Needs: an API key, of any scope.'
  return `Needs: an API key with the scope ${needs} (\`portico whoami\` shows yours).`
}
