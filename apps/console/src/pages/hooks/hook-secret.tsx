import { ShownSecret } from '../../ui/shown-secret.js'

export function HookSecret({ secret, rotated = false, onClose }: { secret: string; rotated?: boolean; onClose: () => void }) {
  return (
    <ShownSecret
      secret={secret}
      lead={
        rotated
          ? 'It is shown this once. The secret of before signs beside it for a day: exchange it in the app until then.'
          : 'It is shown this once. The app checks with it that a question is from here.'
      }
      code={
        "import { verifyHook } from '@portico/sdk'\n\nconst question = await verifyHook(request, process.env.PORTICO_HOOK_SECRET)\n" +
        "return Response.json({ decision: 'allow' })"
      }
      onClose={onClose}
    />
  )
}
