import { useMutation, useQueryClient } from '@tanstack/react-query'
import { isPorticoError, type Domain } from '@portico/sdk'
import { Check, Clock, X } from 'lucide-react'
import { useState } from 'react'
import { inPlainWords } from '../../api/plain-words.js'
import { portico } from '../../api/portico.js'
import { cx } from '../../lib/cx.js'
import { Badge, type Tone } from '../../ui/badge.js'
import { Button } from '../../ui/button.js'
import { CopyId } from '../../ui/copy.js'
import { ConfirmByName } from '../../ui/dialog.js'
import { Note } from '../../ui/note.js'
import { Time } from '../../ui/time.js'
import { toast } from '../../ui/toast.js'
import { HandOver } from './hand-over.js'

export const domainsKey = (projectId: string) => ['project', projectId, 'domains']

const STATES: Record<Domain['state'], [word: string, tone: Tone, meaning: string]> = {
  pending: ['waits for DNS', 'warn', 'Publish both records. They are looked for by themselves, every few seconds at first.'],
  verified: ['proved', 'accent', 'It is yours. Once the CNAME leads here, the certificate is fetched by itself and the address serves.'],
  serving: ['serving', 'good', 'People sign in at this address. Its certificate is fetched and renewed by itself.'],
  failing: ['proof is gone', 'bad', 'The TXT record is no longer there. The address still serves, and stops unless it comes back.'],
}

export function DomainRow({ projectId, domain, denied }: { projectId: string; domain: Domain; denied: string | false }) {
  const client = useQueryClient()
  const [open, setOpen] = useState<'remove' | 'hand-over' | null>(null)
  const refresh = () => client.invalidateQueries({ queryKey: domainsKey(projectId) })
  const verify = useMutation({
    mutationFn: () => portico.domains.verify(projectId, domain.id),
    onSuccess: async ({ verified }) => {
      await refresh()
      if (verified) toast.done(`${domain.hostname} is proved`)
    },
  })
  const makeMain = useMutation({
    mutationFn: () => portico.domains.makeMain(projectId, domain.id),
    onSuccess: async () => {
      await refresh()
      toast.done(`Mailed links lead to ${domain.hostname} from now on`)
    },
    onError: toast.failed,
  })
  const remove = async () => {
    try {
      await portico.domains.remove(projectId, domain.id)
    } catch (error) {
      if (!isPorticoError(error, 'passkeys_stranded') || !confirm(`${error.message}\n\nRemove it all the same?`)) throw error
      await portico.domains.remove(projectId, domain.id, { force: true })
    }
    await refresh()
    toast.done(`${domain.hostname} is removed`)
  }
  const [word, tone, meaning] = STATES[domain.state]
  const isWaiting = domain.state === 'pending' || domain.state === 'failing'
  return (
    <li className="panel">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-3">
        <div className="min-w-48 flex-1 basis-full sm:basis-0">
          <p className="flex flex-wrap items-center gap-2">
            <span className="font-medium wrap-anywhere">{domain.hostname}</span>
            <Badge tone={tone}>{word}</Badge>
            {domain.main && <Badge title="Mailed links lead here">main</Badge>}
            {domain.relyingParty && <Badge title="Passkeys are made for this host: without it none of them works">passkeys</Badge>}
          </p>
          <p className="text-xs text-soft">
            {meaning}
            {domain.stopsAt && (
              <>
                {' '}
                It stops <Time at={domain.stopsAt} />.
              </>
            )}
          </p>
        </div>
        {isWaiting && (
          <Button look="primary" busy={verify.isPending} onClick={() => verify.mutate()} deniedBecause={denied}>
            Check now
          </Button>
        )}
        {domain.state === 'serving' && !domain.main && (
          <Button busy={makeMain.isPending} onClick={() => makeMain.mutate()} deniedBecause={denied}>
            Make main
          </Button>
        )}
        {domain.verified && (
          <Button onClick={() => setOpen('hand-over')} deniedBecause={denied}>
            Hand over
          </Button>
        )}
        <Button onClick={() => setOpen('remove')} deniedBecause={denied} aria-label={`Remove ${domain.hostname}`}>
          Remove
        </Button>
      </div>
      {domain.state !== 'serving' && <Records domain={domain} />}
      {(verify.error || verify.data?.verified === false) && (
        <div className="border-t border-line p-3">
          <Note tone="warn" title="The record is not there yet">
            {verify.error
              ? inPlainWords(verify.error).detail
              : 'DNS answered, but not with this value. It can take some minutes to be seen everywhere.'}
          </Note>
        </div>
      )}
      <ConfirmByName
        open={open === 'remove'}
        onClose={() => setOpen(null)}
        title="Remove the domain"
        name={domain.hostname}
        action="Remove it"
        run={remove}
      >
        Sign-in at this address stops at once. Passkeys that were made at it work nowhere else.
      </ConfirmByName>
      {open === 'hand-over' && <HandOver projectId={projectId} domain={domain} onClose={() => setOpen(null)} />}
    </li>
  )
}

const COLUMNS = 'gap-x-4 sm:grid-cols-[3.5rem_minmax(0,1fr)_minmax(0,1fr)_7rem]'

/** What to publish, and what of it was found at the last look. On a phone each name and value has a line of its own. */
function Records({ domain }: { domain: Domain }) {
  return (
    <div className="border-t border-line px-4 py-3 text-xs">
      <p className={cx('mb-1.5 hidden text-faint sm:grid', COLUMNS)} aria-hidden="true">
        <span>Type</span>
        <span>Name</span>
        <span>Value</span>
      </p>
      <ul className="grid grid-cols-1 gap-3 sm:gap-2" aria-label="DNS records">
        {domain.records.map(({ type, name, value, found }) => (
          <li key={type} className={cx('grid grid-cols-[3.5rem_minmax(0,1fr)] items-start gap-y-1', COLUMNS)}>
            <span className="font-medium">{type}</span>
            <Found found={found} />
            <span className="text-faint sm:hidden">Name</span>
            <CopyId value={name} label={`${type} name`} whole />
            <span className="text-faint sm:hidden">Value</span>
            <CopyId value={value} label={`${type} value`} whole />
          </li>
        ))}
      </ul>
      {domain.checkedAt && (
        <p className="mt-2 text-faint">
          looked <Time at={domain.checkedAt} />
        </p>
      )}
    </div>
  )
}

// Beside the type on a phone, the last column elsewhere.
const FOUND = 'inline-flex items-center gap-1 whitespace-nowrap sm:order-last'

function Found({ found }: { found: boolean | null }) {
  if (found === null)
    return (
      <span className={cx(FOUND, 'text-faint')}>
        <Clock className="size-3" aria-hidden="true" /> not looked yet
      </span>
    )
  return found ? (
    <span className={cx(FOUND, 'text-good')}>
      <Check className="size-3" aria-hidden="true" /> found
    </span>
  ) : (
    <span className={cx(FOUND, 'text-warn')}>
      <X className="size-3" aria-hidden="true" /> not found
    </span>
  )
}
