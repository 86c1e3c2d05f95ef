import { formatId } from '@portico/kernel/ids'
import type { Me } from '@portico/platform/members/read-me'
import { apiKeyAnswer } from '../api-keys/api-key.answer.js'
import { personAnswer } from '../console/console.answer.js'

export function meAnswer(me: Me) {
  return {
    type: me.type,
    user: me.person && personAnswer(me.person),
    api_key: me.apiKey && apiKeyAnswer(me.apiKey),
    role: me.role,
    permissions: me.permissions,
    project_ids: me.projectIds === null ? null : me.projectIds.map((id) => formatId('proj', id)),
    tenant: { id: formatId('tnt', me.tenant.id), name: me.tenant.name },
    tenants: me.tenants.map(({ id, name, role }) => ({ id: formatId('tnt', id), name, role })),
  }
}
