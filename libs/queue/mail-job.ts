/** A row to send: ids, never an address, a token or rendered text. */
export interface MailJob {
  outboxId: string
  projectId: string
}
