export const VERBATIM_FIELDS: readonly string[] = ['env', 'limits', 'metadata', 'variables']
interface Loose { [key: string]: unknown; id: string }
export interface components {
  schemas: {
    Error: { error: { code: 'not_found' | 'rate_limited'; message: string; requestId: string } }
    Project: Loose
    CreateProject: Loose
    UpdateProject: Loose
    AuthService: Loose
    AuthSettings: Loose
    Rotation: Loose
    RuntimeVariable: Loose
    Instance: Loose
    BootedInstance: Loose
    User: Loose
    CreateUser: Loose
    UpdateUser: Loose
    ApiKey: Loose
    NewApiKey: Loose
    CreateApiKey: Loose
    AuditEntry: Loose
    RuntimeEnvChange: { envVersion: number; set: string[]; deleted: string[] }
    RuntimeEnv: { env: { [name: string]: string }; envVersion: number }
    BootInstance: { name?: string }
    AuthSettingsPatch: { [key: string]: unknown }
  }
}
