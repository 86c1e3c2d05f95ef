-- It holds the digest of any mailed link that is followed with a provider: an invitation, a confirmation, a change of address.
-- Nobody runs this version yet, so the column is renamed in one step. A data plane of before fails at providers' sign-ins until it is
-- restarted.
alter table auth.oauth_flow rename column invitation_digest to mailed_digest;
