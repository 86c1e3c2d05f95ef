import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { ExternalLink } from 'lucide-react'
import { useState } from 'react'
import { portico } from '../../api/portico.js'
import { useSession } from '../../api/session.js'
import { cx } from '../../lib/cx.js'
import { buttonClass } from '../../ui/button.js'
import { CopyId } from '../../ui/copy.js'
import { Empty } from '../../ui/empty.js'
import { SearchInput, Select } from '../../ui/field.js'
import { ErrorNote } from '../../ui/note.js'
import { Page } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { Time } from '../../ui/time.js'
import { inboxQuery, type DevMail } from './dev-mail.js'

/** Development: what would have been mailed, as it would look, beside its links and codes. */
export default function Inbox() {
  const { signedIn } = useSession()
  const search = useSearch({ strict: false }) as { to?: string; mail?: string; project?: string }
  const navigate = useNavigate()
  const { data, error, refetch } = useQuery(inboxQuery)
  const change = (to: Record<string, string | undefined>) => void navigate({ to: '.', search: { ...search, ...to }, replace: true })
  const wanted = (search.to ?? '').trim().toLowerCase()
  const shown = (data ?? []).filter(
    (mail) => mail.to.toLowerCase().includes(wanted) && (search.project === undefined || mail.projectId === search.project),
  )
  const open = shown.find(({ id }) => id === search.mail) ?? shown[0]
  return (
    <Page title="Inbox" lead="Development: what would have been mailed. It fills by itself." wide>
      <div className="mb-3 flex flex-wrap gap-2">
        <div className="w-full sm:w-72">
          <SearchInput label="To" value={search.to ?? ''} onChange={(event) => change({ to: event.target.value || undefined })} />
        </div>
        {signedIn && <ProjectChoice mails={data ?? []} value={search.project} onChange={(project) => change({ project })} />}
      </div>
      {error ? (
        <ErrorNote error={error} retry={() => void refetch()} />
      ) : !data ? (
        <div className="panel">
          <SkeletonRows />
        </div>
      ) : shown.length === 0 ? (
        <div className="panel">
          <Empty
            title={data.length === 0 ? 'No mail yet' : 'No mail matches'}
            {...(data.length === 0 && {
              curl: `curl -X POST "$AUTH_URL/password-reset" -H 'content-type: application/json' -d '{"email":"ada@example.com"}'`,
            })}
          >
            Confirmations, resets, sign-in links and invitations land here while no mail provider is configured.
          </Empty>
        </div>
      ) : (
        <div className="grid items-start gap-4 lg:grid-cols-[22rem_1fr]">
          <ul className="panel max-h-72 divide-y divide-line overflow-y-auto lg:max-h-[75vh]" aria-label="Mails">
            {shown.map((mail) => (
              <li key={mail.id}>
                <button
                  type="button"
                  aria-current={mail.id === open?.id}
                  onClick={() => change({ mail: mail.id })}
                  className={cx(
                    'grid w-full gap-0.5 px-4 py-2.5 text-left text-sm hover:bg-hover',
                    mail.id === open?.id && 'bg-accent-soft',
                  )}
                >
                  <span className="flex justify-between gap-3">
                    <span className="truncate font-medium">{mail.to}</span>
                    <span className="text-xs text-soft">
                      <Time at={mail.createdAt} />
                    </span>
                  </span>
                  <span className="truncate text-soft">{mail.subject}</span>
                </button>
              </li>
            ))}
          </ul>
          {open && <Reading key={open.id} mail={open} />}
        </div>
      )}
    </Page>
  )
}

function ProjectChoice({
  mails,
  value,
  onChange,
}: {
  mails: DevMail[]
  value: string | undefined
  onChange: (project: string | undefined) => void
}) {
  const ids = [...new Set(mails.map((mail) => mail.projectId))]
  const { data } = useQuery({
    queryKey: ['inbox-projects', ids],
    queryFn: () =>
      Promise.all(
        ids.map((id) =>
          portico.projects.get(id).then(
            ({ name }) => ({ id, name }),
            () => ({ id, name: id }),
          ),
        ),
      ),
    enabled: ids.length > 0 && ids.length <= 30,
  })
  if (ids.length < 2) return null
  return (
    <Select
      aria-label="Project"
      className="max-w-full min-w-0"
      value={value ?? ''}
      onChange={(event) => onChange(event.target.value || undefined)}
    >
      <option value="">All projects</option>
      {(data ?? ids.map((id) => ({ id, name: id }))).map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </Select>
  )
}

function Reading({ mail }: { mail: DevMail }) {
  const [as, setAs] = useState<'html' | 'text'>('html')
  return (
    <article className="panel min-w-0" aria-label={mail.subject}>
      <header className="grid gap-1 border-b border-line px-4 py-3 text-sm">
        <h2 className="text-base font-semibold break-words">{mail.subject}</h2>
        <p className="text-soft">
          to <span className="text-ink">{mail.to}</span> · <Time at={mail.createdAt} />
        </p>
        <div className="mt-1 flex flex-wrap items-center gap-2">
          {mail.link && (
            <a href={mail.link} target="_blank" rel="noopener noreferrer" className={buttonClass('primary')}>
              <ExternalLink className="size-3.5" /> Open the link
            </a>
          )}
          {mail.code && (
            <span className="inline-flex items-center gap-1.5 rounded-md border border-line px-2 py-1 text-sm">
              Code <CopyId value={mail.code} label="code" className="text-sm" />
            </span>
          )}
          <span className="ml-auto flex gap-1" role="group" aria-label="Form">
            {(['html', 'text'] as const).map((form) => (
              <button
                key={form}
                type="button"
                aria-pressed={as === form}
                onClick={() => setAs(form)}
                className={cx(
                  'h-7 rounded-md px-2 text-xs',
                  as === form ? 'bg-accent-soft font-medium text-accent' : 'text-soft hover:bg-hover',
                )}
              >
                {form === 'html' ? 'As it looks' : 'Text'}
              </button>
            ))}
          </span>
        </div>
        {mail.link && (
          <div className="min-w-0">
            <CopyId value={mail.link} label="link" />
          </div>
        )}
      </header>
      {as === 'html' ? (
        <iframe
          title={`The mail “${mail.subject}”`}
          src={`/dev/inbox/${mail.id}`}
          sandbox="allow-popups allow-popups-to-escape-sandbox"
          referrerPolicy="no-referrer"
          className="h-[60vh] w-full rounded-b-lg bg-white"
        />
      ) : (
        <pre className="p-4 font-mono text-xs leading-5 break-words whitespace-pre-wrap" tabIndex={0} aria-label="Text of the mail">
          {mail.text}
        </pre>
      )}
    </article>
  )
}
