import type { EndUser, Erasure } from '@portico/sdk'
import { useState } from 'react'
import { portico } from '../../api/portico.js'
import { saveFile } from '../../lib/save-file.js'
import { Button } from '../../ui/button.js'
import { ConfirmByName, Dialog } from '../../ui/dialog.js'
import { Fact, Facts } from '../../ui/page.js'

const words = (name: string) => name.replaceAll(/([A-Z])/g, ' $1').replaceAll('_', ' ').toLowerCase()

/** Every trace of somebody, and then what was destroyed and what is left, to keep. */
export function EraseDialog({
  open,
  onClose,
  onErased,
  projectId,
  user,
}: {
  open: boolean
  onClose: () => void
  /** The receipt was seen: the person is not there any more. */
  onErased: () => void
  projectId: string
  user: EndUser
}) {
  const [erasure, setErasure] = useState<Erasure | null>(null)
  if (erasure)
    return (
      <Dialog
        open
        wide
        onClose={onErased}
        title="Erased"
        lead="Signed by this installation; `portico users verify-erasure` checks it without asking anybody."
        footer={
          <>
            <Button onClick={() => saveFile(`erasure-${user.id}.json`, [JSON.stringify(erasure, null, 2)], 'application/json')}>
              Save the receipt
            </Button>
            <Button look="primary" onClick={onErased}>
              Done
            </Button>
          </>
        }
      >
        <h3 className="text-sm font-medium">Destroyed</h3>
        <Facts>
          {Object.entries(erasure.destroyed).map(([name, rows]) => (
            <Fact key={name} name={words(name)}>
              {rows}
            </Fact>
          ))}
        </Facts>
        <h3 className="mt-4 text-sm font-medium">Left</h3>
        <Facts>
          {Object.entries(erasure.kept).map(([name, why]) => (
            <Fact key={name} name={words(name)}>
              {why}
            </Fact>
          ))}
        </Facts>
      </Dialog>
    )
  return (
    <ConfirmByName
      open={open}
      onClose={onClose}
      title="Erase every trace"
      name={user.email}
      action="Erase for good"
      run={async () => setErasure(await portico.users.erase(projectId, user.id))}
    >
      The account goes, and with it mails, codes, invitations, webhook messages, and the client addresses in the audit log, which still
      verifies. You get a signed receipt of what was destroyed. It cannot be brought back.
    </ConfirmByName>
  )
}
