import { Portico } from '@portico/sdk'

/** The platform API as this browser's console session may use it: no key in the page, the session is an HttpOnly cookie. */
export const portico = new Portico({ baseUrl: location.origin, apiKey: null })
