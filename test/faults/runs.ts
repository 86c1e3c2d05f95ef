import { AVAILABILITY_FAULTS } from './availability-faults.js'
import { DATABASE_FAULTS } from './database-faults.js'
import { LOAD_FAULTS } from './load-faults.js'
import { MACHINE_FAULTS } from './machine-faults.js'
import { MAIL_FAULTS } from './mail-faults.js'
import { SMTP_FAULTS } from './smtp-faults.js'
import { PROCESS_FAULTS } from './process-faults.js'
import type { FaultRun } from './run.js'
import { WEBHOOK_FAULTS } from './webhook-faults.js'

/** Every fault run, in the order of the table in docs/figures.md. */
export const RUNS: readonly FaultRun[] = [
  ...DATABASE_FAULTS, ...MAIL_FAULTS, ...SMTP_FAULTS, ...PROCESS_FAULTS, ...LOAD_FAULTS, ...WEBHOOK_FAULTS, ...AVAILABILITY_FAULTS,
  ...MACHINE_FAULTS,
]
