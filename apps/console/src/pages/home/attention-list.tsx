import { Link } from '@tanstack/react-router'
import type { TenantStats } from '@portico/sdk'
import { TriangleAlert } from 'lucide-react'
import { Card } from '../../ui/page.js'
import { Time } from '../../ui/time.js'

type Attention = TenantStats['attention'][number]

/** What is wrong, and the page where it is seen to. */
interface Kind {
  says: (item: Attention) => string
  /** Where it is seen to; none, where no page does it. */
  to?: string
  search?: Record<string, string>
}

const KINDS: Record<Attention['kind'], Kind> = {
  mail_not_configured: {
    says: () => 'No mail is sent: set SMTP_HOST or RESEND_API_KEY for the installation, or a sender on the mail page of each project',
  },
  mail_given_up: { says: () => 'Mails were given up after every try', to: '/projects/$projectId/mail', search: { state: 'failed' } },
  rotation_waiting: { says: () => 'A rotation waits for instances that do not know the next key', to: '/projects/$projectId/keys' },
  domain_unverified: { says: ({ detail }) => `${detail || 'A domain'} is not proved by DNS yet`, to: '/projects/$projectId/domains' },
  provider_failing: {
    says: ({ detail }) => `Sign-in with ${detail || 'a provider'} fails at the provider`,
    to: '/projects/$projectId/providers',
  },
  failures_rose: {
    says: () => 'Far more sign-ins are refused than usual',
    to: '/projects/$projectId/audit',
    search: { action: 'sign_in.refused', within: '24h' },
  },
}

export function AttentionList({ items }: { items: Attention[] }) {
  return (
    <Card title="Needs attention" flush>
      <ul className="divide-y divide-line">
        {items.map((item) => {
          const { says, to, search } = KINDS[item.kind]
          const words = (
            <>
              {item.projectName && <strong className="font-medium">{item.projectName}: </strong>}
              {says(item)}
            </>
          )
          return (
            <li key={`${item.kind} ${item.projectId} ${item.detail}`} className="flex items-center gap-3 px-4 py-2.5 text-sm">
              <TriangleAlert className="size-4 shrink-0 text-warn" aria-hidden="true" />
              {to === undefined ? (
                <span className="min-w-0 flex-1">{words}</span>
              ) : (
                <Link to={to} params={{ projectId: item.projectId ?? '' }} search={search ?? {}} className="min-w-0 flex-1 hover:underline">
                  {words}
                </Link>
              )}
              {item.since && (
                <span className="text-xs text-soft">
                  since <Time at={item.since} />
                </span>
              )}
            </li>
          )
        })}
      </ul>
    </Card>
  )
}
