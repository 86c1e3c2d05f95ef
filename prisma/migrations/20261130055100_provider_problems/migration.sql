-- What went wrong with a provider last, without a walk through everything that happened. Who pressed «cancel» there is no problem of it.
create index audit_event_of_provider on auth.audit_event (project_id, resource_id, created_at desc)
  where action = 'sign_in.refused' and resource = 'provider' and metadata->>'problem' <> 'refused';
