import type { EndUser } from '@portico/sdk'
import { Fingerprint, Smartphone } from 'lucide-react'
import { Badge } from '../../ui/badge.js'
import { Card } from '../../ui/page.js'
import { Time } from '../../ui/time.js'

/** Passkeys and authenticator apps. Their secrets are shown to nobody. */
export function Factors({ user }: { projectId: string; user: EndUser }) {
  const factors = user.factors ?? []
  return (
    <Card title="Passkeys and second factors" flush>
      {factors.length === 0 ? (
        <p className="px-4 py-3 text-sm text-faint">None yet.</p>
      ) : (
        <ul className="divide-y divide-line">
          {factors.map((factor) => (
            <li key={factor.id} className="flex items-center gap-3 px-4 py-2.5 text-sm">
              {factor.type === 'webauthn' ? <Fingerprint className="size-4 text-faint" /> : <Smartphone className="size-4 text-faint" />}
              <div className="min-w-0 flex-1">
                <p className="truncate">{factor.friendlyName ?? (factor.type === 'webauthn' ? 'Passkey' : 'Authenticator app')}</p>
                <p className="text-xs text-soft">
                  last used <Time at={factor.lastUsedAt} /> · added <Time at={factor.createdAt} />
                </p>
              </div>
              {factor.status === 'unverified' && <Badge tone="warn">not proved yet</Badge>}
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
