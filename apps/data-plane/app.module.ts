import type { DynamicModule, Provider } from '@nestjs/common'
import { AccountController } from './dialects/portico/account/account.controller.js'
import { EmailController } from './dialects/portico/email/email.controller.js'
import { FactorsController } from './dialects/portico/factors/factors.controller.js'
import { MailPagesController } from './pages/mail-pages.controller.js'
import { IdentitiesController } from './dialects/portico/oauth/identities.controller.js'
import { OAuthController } from './dialects/portico/oauth/oauth.controller.js'
import { PasswordController } from './dialects/portico/password/password.controller.js'
import { PasswordlessController } from './dialects/portico/passwordless/passwordless.controller.js'
import { SignInPagesController } from './pages/sign-in-pages.controller.js'
import { ProjectController } from './project/project.controller.js'
import { SessionController } from './dialects/portico/session/session.controller.js'
import { WebAuthnController } from './dialects/portico/webauthn/webauthn.controller.js'

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
