import type { ProjectDirectory } from '@portico/database/project-directory'
import type { ProjectScope } from '@portico/database/project-scope'
import { AuthError } from '@portico/kernel/auth-error'
import type { HookName } from '@portico/kernel/hooks'
import type { EndUser } from '../records/end-user.js'
import type { CallHook, HookOutcome } from '../steps/hooks/call-hook.js'
import {
  claimsQuestion, deviceQuestion,
  mailQuestion,
  passwordQuestion,
  signInQuestion,
  signUpQuestion,
  type Question,
} from '../steps/hooks/hook-question.js'

const NOBODY_ID = '00000000-0000-4000-8000-000000000000'
const EMAIL = 'test@example.com'
const SINCE = new Date(0)
const NOBODY: EndUser = {
  id: NOBODY_ID,
  email: EMAIL,
  emailTyped: EMAIL,
  emailVerifiedAt: SINCE,
  metadata: {},
  appMetadata: {},
  disabledAt: null,
  createdAt: SINCE,
  updatedAt: SINCE,
  lastSignInAt: null,
}
const NOWHERE = { ip: null, userAgent: null }
const MAIL = { id: NOBODY_ID, to: EMAIL, subject: 'Test', text: 'Test', html: '<p>Test</p>', fromName: null, replyTo: null, headers: {} }

const QUESTIONS: ReadonlyMap<HookName, Question> = new Map<HookName, Question>([
  ['before_sign_up', signUpQuestion({ email: EMAIL, method: 'password', metadata: {} }, NOWHERE)],
  ['before_sign_in', signInQuestion(EMAIL, NOBODY, ['pwd'], NOWHERE)],
  ['before_password_change', passwordQuestion('changed', NOBODY, NOWHERE)],
  ['token_claims', claimsQuestion(NOBODY_ID, NOBODY, ['pwd'])],
  ['on_new_device', deviceQuestion(NOBODY_ID, NOBODY, ['pwd'], NOWHERE)],
  ['send_mail', mailQuestion(MAIL)],
])

/** Asks the endpoint of a hook about somebody made up (`data.test` is true): for whoever sets it up. */
export class TestHook {
  constructor(
    private readonly directory: ProjectDirectory,
    private readonly call: CallHook,
  ) {}

  async execute(scope: ProjectScope, name: HookName): Promise<HookOutcome> {
    const project = await this.directory.resolveFresh(scope.projectId)
    const hook = project?.hooks?.[name]
    if (!hook) throw new AuthError('not_found')
    return this.call.execute(scope, name, hook, { test: true, ...QUESTIONS.get(name) })
  }
}
