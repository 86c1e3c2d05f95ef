import type { EndUser } from '@portico/sdk'
import { PERMISSIONS } from '../../api/permissions.js'
import { usePersonAction } from '../../api/person.js'
import { portico } from '../../api/portico.js'
import { useDenied } from '../../api/use-denied.js'
import { Badge } from '../../ui/badge.js'
import { Button } from '../../ui/button.js'
import { Card } from '../../ui/page.js'
import { Time } from '../../ui/time.js'

/** The accounts elsewhere that open this one. */
export function Identities({ projectId, user }: { projectId: string; user: EndUser }) {
  const denied = useDenied(PERMISSIONS.manageUsers)
  const unlink = usePersonAction(
    projectId,
    user.id,
    ({ provider, subject }: { provider: string; subject: string }) =>
      portico.users.unlinkIdentity(projectId, user.id, { provider, subject }),
    ({ provider }) => `${provider} is disconnected; every session ended`,
  )
  const identities = user.identities ?? []
  return (
    <Card title="Connected accounts" flush>
      {identities.length === 0 ? (
        <p className="px-4 py-3 text-sm text-faint">None: this person comes in without another provider.</p>
      ) : (
        <ul className="divide-y divide-line">
          {identities.map(({ provider = '', subject = '', email, lastSignInAt }) => (
            <li key={`${provider} ${subject}`} className="flex items-center gap-3 px-4 py-2.5 text-sm">
              <div className="min-w-0 flex-1">
                <p className="flex items-center gap-2">
                  <Badge>{provider}</Badge>
                  <span className="truncate">{email ?? subject}</span>
                </p>
                <p className="mt-0.5 text-xs text-soft">
                  last used <Time at={lastSignInAt} />
                </p>
              </div>
              <Button
                className="h-7 px-2 text-xs"
                busy={unlink.isPending}
                onClick={() => unlink.mutate({ provider, subject })}
                deniedBecause={denied}
              >
                Disconnect
              </Button>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
