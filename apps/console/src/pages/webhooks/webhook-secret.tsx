import { ShownSecret } from '../../ui/shown-secret.js'

export function WebhookSecret({ secret, rotated = false, onClose }: { secret: string; rotated?: boolean; onClose: () => void }) {
  return (
    <ShownSecret
      secret={secret}
      lead={
        rotated
          ? 'It is shown this once. The secret of before signs beside it for a day: exchange it in the endpoint until then.'
          : 'It is shown this once. The endpoint checks with it that a message is from here.'
      }
      code={`import { verifyWebhook } from '@portico/sdk'\n\nconst message = await verifyWebhook(request, process.env.PORTICO_WEBHOOK_SECRET)`}
      onClose={onClose}
    />
  )
}
