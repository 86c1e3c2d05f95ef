import { MAIL_STATES, type MailState } from '@portico/platform/records/mail.store'
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator'
import { PageQuery } from '../http/page.body.js'

export class MailsQuery extends PageQuery {
  @IsOptional() @IsIn([...MAIL_STATES]) state?: MailState
  @IsOptional() @IsString() @MaxLength(320) address?: string
}
