import type { ProjectDb } from '@portico/database/project-db'
import { AnswerOrganizationInvitation, ListOwnInvitations } from '@portico/end-user/organizations/accept-organization-invitation'
import { ActivateOrganization } from '@portico/end-user/organizations/activate-organization'
import { ChangeOrganization, DeleteOrganization } from '@portico/end-user/organizations/change-organization'
import { CreateOrganization } from '@portico/end-user/organizations/create-organization'
import { InviteMember, ListOrganizationInvitations, RevokeOrganizationInvitation } from '@portico/end-user/organizations/invite-member'
import {
  ChangeOrganizationMember,
  ListOrganizationMembers,
  RemoveOrganizationMember,
} from '@portico/end-user/organizations/organization-members'
import { ListOrganizationRoles, RemoveOrganizationRole, SetOrganizationRole } from '@portico/end-user/organizations/organization-roles'
import { ListOwnOrganizations, ReadOrganization } from '@portico/end-user/organizations/read-organizations'
import type { TokenIssuer } from '@portico/end-user/steps/token-issuer'
import type { WorkForOrganization } from '@portico/end-user/steps/work-for-organization'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'

/** What people do with the organizations that they belong to. */
export function makeOrganizationUseCases(
  db: ProjectDb,
  issuer: TokenIssuer,
  workForOrganization: WorkForOrganization,
  clock: Clock,
  entropy: Entropy,
) {
  return {
    workForOrganization,
    listOwnOrganizations: new ListOwnOrganizations(db),
    createOrganization: new CreateOrganization(db, clock, entropy),
    readOrganization: new ReadOrganization(db),
    changeOrganization: new ChangeOrganization(db, clock),
    deleteOrganization: new DeleteOrganization(db, clock),
    activateOrganization: new ActivateOrganization(db, issuer),
    listOrganizationMembers: new ListOrganizationMembers(db),
    changeOrganizationMember: new ChangeOrganizationMember(db, clock),
    removeOrganizationMember: new RemoveOrganizationMember(db, clock),
    listOrganizationRoles: new ListOrganizationRoles(db),
    setOrganizationRole: new SetOrganizationRole(db, clock, entropy),
    removeOrganizationRole: new RemoveOrganizationRole(db, clock),
    inviteMember: new InviteMember(db, issuer.hooks, clock, entropy),
    listOrganizationInvitations: new ListOrganizationInvitations(db, clock),
    revokeOrganizationInvitation: new RevokeOrganizationInvitation(db, clock),
    listOwnInvitations: new ListOwnInvitations(db, clock),
    answerOrganizationInvitation: new AnswerOrganizationInvitation(db, clock),
  }
}
