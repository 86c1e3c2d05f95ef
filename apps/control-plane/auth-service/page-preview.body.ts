import { LOCALES, type Locale } from '@portico/kernel/locales'
import { PREVIEWED_PAGES, type PreviewedPage } from '@portico/tokens/page-preview'
import { IsIn, IsObject, IsOptional } from 'class-validator'

export class PreviewPageBody {
  @IsIn(PREVIEWED_PAGES) page!: PreviewedPage
  /** As in the settings; the saved one when absent. */
  @IsOptional() @IsObject() branding?: Record<string, unknown>
  @IsOptional() @IsIn(LOCALES) locale?: Locale
  @IsOptional() @IsIn(['light', 'dark']) scheme?: 'light' | 'dark'
}
