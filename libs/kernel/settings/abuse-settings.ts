import { captcha, orNone, serviceUrl, yesOrNo } from './kinds.js'
import { setting } from './setting.js'

/** Settings against abuse: passwords that have leaked, throw-away addresses, captchas. */
export const ABUSE_SETTINGS = {
  leaked_password_url: setting({
    kind: orNone(serviceUrl),
    default: null,
    description: 'A list of leaked passwords that new ones are looked up in by k-anonymity, such as `https://api.pwnedpasswords.com/range`; `null`: none is asked.',
    since: '0.3',
  }),
  new_device_mail: setting({
    kind: yesOrNo,
    default: false,
    description: 'Mails people when a session begins on a device that was not seen before (family of browser and system, network), with a link that puts everybody out.',
    since: '0.3',
  }),
  block_disposable_email: setting({ kind: yesOrNo, default: false, description: 'Refuses sign-ups from known throw-away mail domains.', since: '0.1' }),
  captcha: setting({
    kind: orNone(captcha),
    default: null,
    description: 'The captcha that browsers solve; set by `PUT /auth/captcha`, which takes the secret too.',
    since: '0.1',
    readOnly: true,
  }),
}
