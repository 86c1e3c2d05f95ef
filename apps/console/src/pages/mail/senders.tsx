import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { MailSender } from '@portico/sdk'
import { lazy, Suspense, useState } from 'react'
import { SENDER_KINDS, senderKey } from '../../api/mail-sender.js'
import { PERMISSIONS } from '../../api/permissions.js'
import { portico } from '../../api/portico.js'
import { useDenied } from '../../api/use-denied.js'
import { Badge, type Tone } from '../../ui/badge.js'
import { Button } from '../../ui/button.js'
import { CopyId } from '../../ui/copy.js'
import { ConfirmByName } from '../../ui/dialog.js'
import { ErrorNote, Note } from '../../ui/note.js'
import { Card, Fact, Facts } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { Time } from '../../ui/time.js'
import { toast } from '../../ui/toast.js'
import { sayReason } from './mail-words.js'

const SenderForm = lazy(() => import('./sender-form.js'))

const STATES: Record<MailSender['state'], [word: string, tone: Tone]> = {
  ready: ['ready', 'good'],
  pending: ['waits for DNS', 'warn'],
  failing: ['failing', 'bad'],
}

/** The first one that is ready takes a mail. */
export function Senders({ projectId }: { projectId: string }) {
  return (
    <div className="grid grid-cols-1 gap-4">
      <p className="max-w-prose text-sm text-soft">
        The first sender that is ready takes a mail: this project’s own, the workspace’s, then the installation’s. One that breaks hands
        over to the next, and no mail is lost.
      </p>
      <SenderCard title="This project’s sender" owner={projectId} />
      <SenderCard title="The workspace’s sender" lead="For every project that has none of its own." owner={null} />
    </div>
  )
}

function SenderCard({ title, lead, owner }: { title: string; lead?: string; owner: string | null }) {
  const denied = useDenied(PERMISSIONS.changeAuth)
  const client = useQueryClient()
  const [open, setOpen] = useState<'set' | 'remove' | null>(null)
  const { data, error, refetch } = useQuery({
    queryKey: senderKey(owner),
    queryFn: ({ signal }) => portico.mail.readSender(owner, { signal }),
    refetchInterval: 15_000,
  })
  const refresh = () => client.invalidateQueries({ queryKey: senderKey(owner) })
  const verify = useMutation({
    mutationFn: () => portico.mail.verifySender(owner),
    onSuccess: async ({ state }) => {
      await refresh()
      if (state === 'ready') toast.done('The domain is verified: it sends from now on')
      else toast.failed(new Error('The records are not all there yet. DNS can take some minutes to be seen everywhere.'))
    },
    onError: toast.failed,
  })
  const remove = async () => {
    await portico.mail.removeSender(owner)
    await refresh()
    toast.done('The sender is removed; the next one sends')
  }
  return (
    <Card
      title={title}
      lead={lead}
      flush
      actions={
        <>
          {data?.state === 'pending' && (
            <Button busy={verify.isPending} onClick={() => verify.mutate()} deniedBecause={denied}>
              Check now
            </Button>
          )}
          <Button onClick={() => setOpen('set')} deniedBecause={denied}>
            {data ? 'Change' : 'Set up'}
          </Button>
          {data && (
            <Button onClick={() => setOpen('remove')} deniedBecause={denied}>
              Remove
            </Button>
          )}
        </>
      }
    >
      {error ? (
        <div className="p-4">
          <ErrorNote error={error} retry={() => void refetch()} />
        </div>
      ) : data === undefined ? (
        <SkeletonRows rows={2} />
      ) : data === null ? (
        <p className="px-4 py-4 text-sm text-soft">None: the next one sends.</p>
      ) : (
        <SenderFacts sender={data} />
      )}
      {open === 'set' && (
        <Suspense>
          <SenderForm owner={owner} sender={data ?? null} onClose={() => setOpen(null)} />
        </Suspense>
      )}
      <ConfirmByName
        open={open === 'remove'}
        onClose={() => setOpen(null)}
        title="Remove the sender"
        name={data?.from ?? ''}
        action="Remove it"
        run={remove}
      >
        Mails go out through the next sender, and from its address.
      </ConfirmByName>
    </Card>
  )
}

function SenderFacts({ sender }: { sender: MailSender }) {
  const [word, tone] = STATES[sender.state]
  return (
    <>
      {sender.failing && (
        <div className="px-4 pt-3">
          <Note tone="bad" title={sayReason(sender.failing.code)}>
            {sender.failing.detail && <p>It says: “{sender.failing.detail}”</p>}
            <p>
              Since <Time at={sender.failing.since} />. The next sender takes the mails meanwhile. One is tried here every 30 seconds, and
              everything goes this way again once one was taken.
            </p>
            <code className="font-mono text-xs">{sender.failing.code}</code>
          </Note>
        </div>
      )}
      <Facts>
        <Fact name="State">
          <Badge tone={tone}>{word}</Badge>
        </Fact>
        <Fact name="From">{sender.from}</Fact>
        <Fact name="Through">
          {SENDER_KINDS[sender.kind]}
          {sender.host !== null && (
            <span className="text-soft">
              : {sender.host}:{sender.port} ({sender.security}) as {sender.user}
            </span>
          )}
        </Fact>
        <Fact name="Changed">
          <Time at={sender.updatedAt} />
        </Fact>
      </Facts>
      {sender.dnsRecords && sender.dnsRecords.length > 0 && <DnsRecords records={sender.dnsRecords} />}
    </>
  )
}

function DnsRecords({ records }: { records: NonNullable<MailSender['dnsRecords']> }) {
  return (
    <div className="overflow-x-auto border-t border-line">
      <table className="w-full text-sm" aria-label="DNS records to publish">
        <thead>
          <tr className="border-b border-line text-left text-xs text-faint">
            {['Type', 'Name', 'Value', 'State'].map((name) => (
              <th key={name} scope="col" className="px-4 py-2 font-medium">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {records.map(({ type, name, value, priority, status }) => (
            <tr key={`${type} ${name} ${value}`}>
              <td className="px-4 py-2 whitespace-nowrap">
                {type}
                {priority !== null && <span className="text-faint"> {priority}</span>}
              </td>
              <td className="max-w-48 px-4 py-2">
                <CopyId value={name} label="record name" />
              </td>
              <td className="max-w-64 px-4 py-2">
                <CopyId value={value} label="record value" />
              </td>
              <td className="px-4 py-2">
                <Badge tone={status === 'verified' ? 'good' : 'warn'}>{status.replaceAll('_', ' ')}</Badge>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
