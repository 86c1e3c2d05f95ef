import type { ProjectDb } from '@portico/database/project-db'
import { ListEndUserOrganizations } from '@portico/end-user/administration/list-end-user-organizations'
import { ChangeOrganization, DeleteOrganization } from '@portico/end-user/organizations/change-organization'
import { CreateOrganization } from '@portico/end-user/organizations/create-organization'
import { InviteMember, ListOrganizationInvitations, RevokeOrganizationInvitation } from '@portico/end-user/organizations/invite-member'
import {
  AddOrganizationMember,
  ChangeOrganizationMember,
  ListOrganizationMembers,
  RemoveOrganizationMember,
  TransferOrganization,
} from '@portico/end-user/organizations/organization-members'
import { ListOrganizationRoles, RemoveOrganizationRole, SetOrganizationRole } from '@portico/end-user/organizations/organization-roles'
import { ListOrganizations, ReadOrganization } from '@portico/end-user/organizations/read-organizations'
import { ManageSetupLinks } from '@portico/end-user/setup-links/manage-setup-links'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'

/** What operators do with the organizations of a project. */
export function makeOrganizationUseCases(db: ProjectDb, clock: Clock, entropy: Entropy) {
  return {
    listOrganizations: new ListOrganizations(db),
    listEndUserOrganizations: new ListEndUserOrganizations(db),
    createOrganization: new CreateOrganization(db, clock, entropy),
    readOrganization: new ReadOrganization(db),
    changeOrganization: new ChangeOrganization(db, clock),
    deleteOrganization: new DeleteOrganization(db, clock),
    transferOrganization: new TransferOrganization(db, clock),
    listOrganizationMembers: new ListOrganizationMembers(db),
    addOrganizationMember: new AddOrganizationMember(db, clock),
    changeOrganizationMember: new ChangeOrganizationMember(db, clock),
    removeOrganizationMember: new RemoveOrganizationMember(db, clock),
    inviteMember: new InviteMember(db, null, clock, entropy),
    listOrganizationInvitations: new ListOrganizationInvitations(db, clock),
    revokeOrganizationInvitation: new RevokeOrganizationInvitation(db, clock),
    listOrganizationRoles: new ListOrganizationRoles(db),
    setOrganizationRole: new SetOrganizationRole(db, clock, entropy),
    removeOrganizationRole: new RemoveOrganizationRole(db, clock),
    setupLinks: new ManageSetupLinks(db, clock, entropy),
  }
}
