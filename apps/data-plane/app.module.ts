import type { DynamicModule, Provider } from '@nestjs/common'
import { AccountController } from './account/account.controller.js'
import { EmailController } from './email/email.controller.js'
import { FactorsController } from './factors/factors.controller.js'
import { MailPagesController } from './mail-pages/mail-pages.controller.js'
import { IdentitiesController } from './oauth/identities.controller.js'
import { OAuthController } from './oauth/oauth.controller.js'
import { PasswordController } from './password/password.controller.js'
import { PasswordlessController } from './passwordless/passwordless.controller.js'
import { SignInPagesController } from './passwordless/sign-in-pages.controller.js'
import { ProjectController } from './project/project.controller.js'
import { SessionController } from './session/session.controller.js'
import { WebAuthnController } from './webauthn/webauthn.controller.js'

/** One module for the process; the use cases are made in wiring.ts and handed in. */
export class AppModule {
  static with(providers: Provider[]): DynamicModule {
    return {
      module: AppModule,
      controllers: [
        PasswordlessController,
        OAuthController,
        IdentitiesController,
        SignInPagesController,
        PasswordController, SessionController, AccountController, EmailController, ProjectController, MailPagesController, FactorsController, WebAuthnController],
      providers,
    }
  }
}
