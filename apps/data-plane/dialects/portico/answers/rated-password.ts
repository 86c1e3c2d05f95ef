import { PASSWORD_PROBLEM_MESSAGES } from '@portico/crypto/password-policy'
import type { RatedPassword } from '@portico/end-user/ways-in/password/rate-password'

export function ratedPasswordAnswer({ score, problem, warning, suggestions }: RatedPassword) {
  return {
    score,
    acceptable: problem === null,
    problem: problem === null ? null : { code: problem, message: PASSWORD_PROBLEM_MESSAGES[problem] },
    warning,
    suggestions,
  }
}
