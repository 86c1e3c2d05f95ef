import { Button } from '../../ui/button.js'
import { CodeBlock } from '../../ui/copy.js'
import { Dialog } from '../../ui/dialog.js'

/** The only time that it is seen. */
export function ShownSecret({ secret, rotated = false, onClose }: { secret: string; rotated?: boolean; onClose: () => void }) {
  return (
    <Dialog
      open
      onClose={onClose}
      title="The signing secret"
      lead={
        rotated
          ? 'It is shown this once. The secret of before signs beside it for a day: exchange it in the endpoint until then.'
          : 'It is shown this once. The endpoint checks with it that a message is from here.'
      }
      footer={
        <Button look="primary" onClick={onClose}>
          I have kept it
        </Button>
      }
      wide
    >
      <div className="grid gap-3">
        <CodeBlock label="signing secret" code={secret} />
        <CodeBlock
          label="TypeScript"
          code={`import { verifyWebhook } from '@portico/sdk'\n\nconst message = await verifyWebhook(request, process.env.PORTICO_WEBHOOK_SECRET)`}
        />
      </div>
    </Dialog>
  )
}
