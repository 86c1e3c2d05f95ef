import type { AttemptReport, SsoAttempt } from '@portico/end-user/records/sso-attempt'
import type { MadeTest } from '@portico/end-user/sso/sso-attempts'
import { ssoTestUrl } from '@portico/end-user/project/sso-urls'

/** @param issuer the project's `AUTH_URL`. The address is told once. */
export function madeTestAnswer({ attempt, ticket, openUntil }: MadeTest, issuer: string) {
  return { id: attempt.id, url: ssoTestUrl(issuer, ticket), open_until: openUntil.toISOString() }
}

export function attemptAnswer(attempt: SsoAttempt) {
  const { report } = attempt
  return {
    id: attempt.id,
    connection_id: attempt.connectionId,
    test: attempt.test,
    state: attempt.state,
    created_at: attempt.createdAt.toISOString(),
    finished_at: attempt.finishedAt?.toISOString() ?? null,
    expires_at: attempt.expiresAt.toISOString(),
    report: report && reportAnswer(report, attempt.test),
  }
}

function reportAnswer(report: AttemptReport, test: boolean) {
  const { account, organizationId, role, roleGroup, emailDomain, domainProven } = report
  return {
    refusal: report.refusal,
    problem: report.problem,
    detail: report.detail,
    expected: report.expected,
    found: report.found,
    user_id: report.endUserId,
    account,
    email_domain: emailDomain,
    organization_id: organizationId,
    /** Of a test alone. */
    checks: report.checks.map(({ check, passed }) => ({ check, passed })),
    domain_proven: domainProven,
    role,
    role_group: roleGroup,
    person: test && report.subject !== null ? personAnswer(report) : null,
    assertion: test && report.subject !== null ? assertionAnswer(report) : null,
  }
}

/** As the mapping reads it. */
function personAnswer({ email, name, groups, metadata }: AttemptReport) {
  return { email, name, groups, metadata: metadata.map(({ key, value }) => ({ key, value })) }
}

/** As the identity provider said it. */
function assertionAnswer({ subject, nameIdFormat, sessionIndex, attributes }: AttemptReport) {
  return {
    subject,
    name_id_format: nameIdFormat,
    session_index: sessionIndex,
    attributes: attributes.map(({ name, values }) => ({ name, values })),
  }
}
