import { Page } from '../../ui/page.js'
import { Retention } from './retention.js'
import { Stream } from './stream.js'

export default function AuditUpkeep() {
  return (
    <Page title="Audit retention" lead="How long the audit log of this workspace and all its projects is kept, and where else it goes.">
      <div className="grid gap-4 lg:grid-cols-2 lg:items-start">
        <Retention />
        <Stream />
      </div>
    </Page>
  )
}
