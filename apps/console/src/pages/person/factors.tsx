import { useQuery } from '@tanstack/react-query'
import type { EndUser } from '@portico/sdk'
import { Fingerprint, Smartphone } from 'lucide-react'
import type { ReactNode } from 'react'
import { portico } from '../../api/portico.js'
import { sayDevice } from '../../lib/device.js'
import { Badge } from '../../ui/badge.js'
import { Card } from '../../ui/page.js'
import { Time } from '../../ui/time.js'

/** Passkeys and authenticator apps. Their secrets are shown to nobody. */
export function Factors({ projectId, user }: { projectId: string; user: EndUser }) {
  const passkeys = useQuery({
    queryKey: ['project', projectId, 'person', user.id, 'passkeys'],
    queryFn: ({ signal }) => portico.users.passkeys(projectId, user.id, { signal }),
  })
  const apps = (user.factors ?? []).filter(({ type }) => type === 'totp')
  const none = apps.length === 0 && (passkeys.data ?? []).length === 0
  return (
    <Card title="Passkeys and second factors" flush>
      {none ? (
        <p className="px-4 py-3 text-sm text-faint">None yet.</p>
      ) : (
        <ul className="divide-y divide-line">
          {(passkeys.data ?? []).map((key) => (
            <Line
              key={key.id}
              icon={<Fingerprint className="size-4" />}
              name={key.friendlyName}
              used={key.lastUsedAt}
              added={key.createdAt}
            >
              {sayDevice(key.registeredOn) && <span>made with {sayDevice(key.registeredOn)}</span>}
              <span>for {key.rpId}</span>
              {key.backedUp && <Badge>synced</Badge>}
            </Line>
          ))}
          {apps.map((factor) => (
            <Line
              key={factor.id}
              icon={<Smartphone className="size-4" />}
              name={factor.friendlyName ?? 'Authenticator app'}
              used={factor.lastUsedAt}
              added={factor.createdAt}
            >
              {factor.status === 'unverified' && <Badge tone="warn">not proved yet</Badge>}
            </Line>
          ))}
        </ul>
      )}
    </Card>
  )
}

interface LineProps {
  icon: ReactNode
  name: string
  used: string | null | undefined
  added: string | undefined
  children: ReactNode
}

function Line({ icon, name, used, added, children }: LineProps) {
  return (
    <li className="flex items-center gap-3 px-4 py-2.5 text-sm">
      <span className="text-faint" aria-hidden="true">
        {icon}
      </span>
      <div className="min-w-0 flex-1">
        <p className="truncate">{name}</p>
        <p className="flex flex-wrap gap-x-2 text-xs text-soft">
          <span>
            last used <Time at={used} />
          </span>
          <span>
            added <Time at={added} />
          </span>
          {children}
        </p>
      </div>
    </li>
  )
}
