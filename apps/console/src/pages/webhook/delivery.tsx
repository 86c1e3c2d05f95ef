import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { PERMISSIONS } from '../../api/permissions.js'
import { useDenied } from '../../api/use-denied.js'
import { webhooksKey, webhooksOf, type AnyDelivery, type WebhookOwner } from '../../api/webhooks.js'
import { count } from '../../lib/format.js'
import { Button } from '../../ui/button.js'
import { CodeBlock, CopyId } from '../../ui/copy.js'
import { Time } from '../../ui/time.js'
import { toast } from '../../ui/toast.js'

type Try = AnyDelivery['tries'][number]

const ERRORS: Record<string, string> = {
  refused: 'The endpoint refused it: only an answer of 2xx takes a message.',
  unreachable: 'Nobody answered at that address.',
  too_slow: 'No answer within 15 seconds.',
  too_large: 'The answer was too large.',
  not_allowed: 'The address leads into an inner network, where nothing is sent.',
  busy: 'Too many were under way; it is tried again.',
  failed: 'It could not be sent.',
}

/** One message: every try with its answer, and the bytes that were sent. */
export function Delivery({ owner, webhookId, delivery }: { owner: WebhookOwner; webhookId: string; delivery: AnyDelivery }) {
  const denied = useDenied(PERMISSIONS.manageWebhooks)
  const client = useQueryClient()
  const resend = useMutation({
    mutationFn: () => webhooksOf(owner).resend(webhookId, delivery.id),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: webhooksKey(owner) })
      toast.done('The same message is on its way again')
    },
    onError: toast.failed,
  })
  return (
    <div className="grid min-w-0 gap-3 text-sm">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <CopyId value={delivery.messageId} label="message id" />
        {delivery.projectId != null && (
          <Link to="/projects/$projectId" params={{ projectId: delivery.projectId }} className="text-xs text-accent underline">
            its project
          </Link>
        )}
        {delivery.nextAttemptAt && (
          <span className="text-xs text-soft">
            next try <Time at={delivery.nextAttemptAt} />
          </span>
        )}
        <Button className="ml-auto h-7 px-2 text-xs" busy={resend.isPending} onClick={() => resend.mutate()} deniedBecause={denied}>
          Send again
        </Button>
      </div>
      {delivery.tries.length === 0 ? (
        <p className="text-xs text-soft">{delivery.status === 'failed' ? 'It was given up before a try.' : 'Not tried yet.'}</p>
      ) : (
        <ol className="grid gap-2">
          {delivery.tries.map((one, i) => (
            <Attempt key={one.at} attempt={one} number={i + 1} />
          ))}
        </ol>
      )}
      <CodeBlock label="Request" code={pretty(delivery.requestBody)} />
    </div>
  )
}

function Attempt({ attempt, number }: { attempt: Try; number: number }) {
  return (
    <li className="rounded-md border border-line bg-panel px-3 py-2 text-xs">
      <p className="flex flex-wrap gap-x-3 text-soft">
        <span className="font-medium text-ink">Try {number}</span>
        <span>{attempt.status === null ? 'no answer' : `answered ${attempt.status}`}</span>
        <span>{count(attempt.durationMs)} ms</span>
        <Time at={attempt.at} />
      </p>
      {attempt.error && <p className="mt-1 text-bad">{ERRORS[attempt.error] ?? attempt.error}</p>}
      {attempt.response && <pre className="mt-1 overflow-x-auto font-mono leading-5 whitespace-pre-wrap break-words">{attempt.response}</pre>}
    </li>
  )
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body
  }
}
