import type { ConsoleSession } from '../../api/session.js'
import { CodeBlock } from '../../ui/copy.js'

/** What to do so that people have to sign in. */
export function SignInSwitch({ session }: { session: ConsoleSession }) {
  return (
    <div className="grid gap-2">
      <p className="text-soft">
        Start the control plane with the variable below. At the next visit this page asks for the one-time code that is printed in the log
        and makes the first owner. {session.publicUrl} has to be the address that people type.
      </p>
      <CodeBlock label="environment" code="PORTICO_CONSOLE_ACCESS=password" />
    </div>
  )
}
