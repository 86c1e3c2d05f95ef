import { Convert, toBoolean } from '@portico/http/validated'
import { WEBHOOK_TYPES } from '@portico/platform/webhooks/webhook-types'
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsISO8601, IsOptional, IsString, MaxLength, ValidateIf } from 'class-validator'
import { PageQuery } from '../http/page.body.js'

export class CreateWebhookBody {
  @IsString() @MaxLength(2_048) url!: string
  /** Empty or absent: whatever a webhook may carry, also what is added later. */
  @IsOptional() @IsArray() @ArrayMaxSize(100) @IsIn(WEBHOOK_TYPES, { each: true }) types?: string[]
  @IsOptional() @IsString() @MaxLength(200) description?: string
  @IsOptional() @IsIn(['none', 'user']) ordering?: 'none' | 'user'
}

export class ChangeWebhookBody {
  @ValidateIf((body: ChangeWebhookBody) => body.url !== undefined) @IsString() @MaxLength(2_048) url?: string
  @IsOptional() @IsArray() @ArrayMaxSize(100) @IsIn(WEBHOOK_TYPES, { each: true }) types?: string[]
  @IsOptional() @IsString() @MaxLength(200) description?: string
  @IsOptional() @IsIn(['none', 'user']) ordering?: 'none' | 'user'
  @IsOptional() @Convert(toBoolean) @IsBoolean() enabled?: boolean
}

export class CreateTenantWebhookBody extends CreateWebhookBody {
  /** Empty or absent: all projects of the tenant, also later ones. */
  @IsOptional() @IsArray() @ArrayMaxSize(100) @IsString({ each: true }) @MaxLength(64, { each: true }) project_ids?: string[]
}

export class ChangeTenantWebhookBody extends ChangeWebhookBody {
  @IsOptional() @IsArray() @ArrayMaxSize(100) @IsString({ each: true }) @MaxLength(64, { each: true }) project_ids?: string[]
}

export class ReplayWebhooksBody {
  @IsISO8601({ strict: true, strictSeparator: true }) since!: string
  @IsOptional() @IsISO8601({ strict: true, strictSeparator: true }) until?: string
}

export class WebhookDeliveriesQuery extends PageQuery {
  @IsOptional() @IsIn(['pending', 'delivered', 'failed']) status?: 'pending' | 'delivered' | 'failed'
}
