import type { DynamicModule } from '@nestjs/common'
import { ApiKeysController } from './api-keys/api-keys.controller.js'
import { AuditController } from './audit/audit.controller.js'
import { AuditUpkeepController } from './audit/audit-upkeep.controller.js'
import { AuthProvidersController } from './auth-providers/auth-providers.controller.js'
import { AuthServiceController } from './auth-service/auth-service.controller.js'
import { PagePreviewController } from './auth-service/page-preview.controller.js'
import { ConsoleController } from './console/console.controller.js'
import { DirectoriesController } from './directories/directories.controller.js'
import { SignInSettingsController } from './console/sign-in-settings.controller.js'
import { DomainsController } from './domains/domains.controller.js'
import { EventsController } from './events/events.controller.js'
import { DeviceController } from './device/device.controller.js'
import { EndUsersController } from './end-users/end-users.controller.js'
import { ErasuresController } from './end-users/erasures.controller.js'
import { IntruderController } from './end-users/intruder.controller.js'
import { ManyEndUsersController } from './end-users/many-end-users.controller.js'
import { InstancesController } from './instances/instances.controller.js'
import { InvitationsController } from './invitations/invitations.controller.js'
import { MembersController } from './members/members.controller.js'
import { MeController } from './me/me.controller.js'
import { BrandImagesController } from './branding/brand-images.controller.js'
import { MailTemplatesController } from './mail/mail-templates.controller.js'
import { MailsController } from './mail/mails.controller.js'
import { MailSenderController } from './mail/mail-sender.controller.js'
import { OrganizationMembersController } from './organizations/organization-members.controller.js'
import { OrganizationRolesController } from './organizations/organization-roles.controller.js'
import { OrganizationsController } from './organizations/organizations.controller.js'
import { SetupLinksController } from './setup-links/setup-links.controller.js'
import { ProjectAuthController } from './project-auth/project-auth.controller.js'
import { ProjectsController } from './projects/projects.controller.js'
import { RolesController } from './roles/roles.controller.js'
import { RuntimeEnvController } from './runtime-env/runtime-env.controller.js'
import { EmailDomainsController } from './sso/email-domains.controller.js'
import { SsoController } from './sso/sso.controller.js'
import { SsoKeysController } from './sso/sso-keys.controller.js'
import { StatsController } from './stats/stats.controller.js'
import { TenantsController } from './tenants/tenants.controller.js'
import { UsageController } from './usage/usage.controller.js'
import { TenantWebhooksController } from './webhooks/tenant-webhooks.controller.js'
import { HooksController } from './hooks/hooks.controller.js'
import { WebhooksController } from './webhooks/webhooks.controller.js'
import { USE_CASES } from './tokens.js'
import type { UseCases } from './use-cases.js'

export class AppModule {
  static of(useCases: UseCases): DynamicModule {
    return {
      module: AppModule,
      controllers: [
        TenantsController,
        ApiKeysController,
        ProjectsController,
        AuthServiceController,
        PagePreviewController,
        RuntimeEnvController,
        InstancesController,
        DeviceController,
        EndUsersController,
        ErasuresController,
        ManyEndUsersController,
        DomainsController,
        AuditController,
        AuditUpkeepController,
        EventsController,
        StatsController,
        UsageController,
        WebhooksController,
        HooksController,
        TenantWebhooksController,
        ProjectAuthController,
        AuthProvidersController,
        InvitationsController,
        MailSenderController,
        MailsController,
        MailTemplatesController,
        BrandImagesController,
        IntruderController,
        ConsoleController,
        SignInSettingsController,
        MeController,
        OrganizationsController,
        DirectoriesController,
        OrganizationMembersController,
        OrganizationRolesController,
        SetupLinksController,
        SsoController,
        SsoKeysController,
        EmailDomainsController,
        MembersController,
        RolesController,
      ],
      providers: [{ provide: USE_CASES, useFactory: () => useCases }],
    }
  }
}
