import { useMutation } from '@tanstack/react-query'
import type { AuthService } from '@portico/sdk'
import { Eye, EyeOff } from 'lucide-react'
import { useEffect, useState } from 'react'
import { PERMISSIONS, whyNot } from '../../api/permissions.js'
import { portico } from '../../api/portico.js'
import { useCan } from '../../api/session.js'
import { Button } from '../../ui/button.js'
import { CopyId } from '../../ui/copy.js'
import { Card } from '../../ui/page.js'
import { toast } from '../../ui/toast.js'

// A secret does not stay on a screen that somebody walked away from.
const SHOWN_MS = 60_000

/** What the app gets when it boots. The values are asked for when somebody wants to see them, and that is written to the audit log. */
export function Variables({ auth }: { auth: AuthService }) {
  const may = useCan(PERMISSIONS.readSecrets)
  const [shown, setShown] = useState<Record<string, string> | null>(null)
  const reveal = useMutation({
    mutationFn: () => portico.runtimeEnv.get(auth.projectId),
    onSuccess: ({ env }) => setShown(env),
    onError: toast.failed,
  })
  useEffect(() => {
    if (!shown) return
    const timer = setTimeout(() => setShown(null), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [shown])
  const names = shown ? Object.keys(shown) : ['AUTH_URL', auth.settings.tokenAlgorithm === 'HS256' ? 'AUTH_JWT_SECRET' : 'AUTH_JWKS_URL']
  const valueOf = (name: string) => shown?.[name] ?? (name === 'AUTH_URL' ? auth.authUrl : null)
  return (
    <Card
      title="What the app gets"
      lead="Handed to every instance when it boots. Showing the secret is written to the audit log."
      flush
      actions={
        <Button
          icon={shown ? <EyeOff className="size-3.5" /> : <Eye className="size-3.5" />}
          busy={reveal.isPending}
          onClick={() => (shown ? setShown(null) : reveal.mutate())}
          deniedBecause={!may && whyNot(PERMISSIONS.readSecrets)}
        >
          {shown ? 'Hide' : 'Reveal'}
        </Button>
      }
    >
      <dl className="divide-y divide-line">
        {names.map((name) => {
          const value = valueOf(name)
          return (
            <div key={name} className="grid gap-x-4 gap-y-0.5 px-4 py-2 text-sm sm:grid-cols-[13rem_1fr]">
              <dt className="font-mono text-xs leading-5">{name}</dt>
              <dd className="min-w-0">
                {value === null ? (
                  <span className="font-mono text-xs text-faint" aria-label="hidden">
                    ••••••••••••••••••••••••
                  </span>
                ) : (
                  <CopyId value={value} label={name} />
                )}
              </dd>
            </div>
          )
        })}
      </dl>
    </Card>
  )
}
