-- An event on its way from hand to hand in auth.hand_on_events. Of a project, with what the counters want to know of the person; or of a
-- tenant itself.
create type auth.handed_event as (number bigint, project_id uuid, tenant_id uuid, id uuid, action text, actor_type text, actor_id text,
  resource text, resource_id text, ip text, user_agent text, metadata jsonb, created_at timestamptz, traceparent text, end_user_id uuid,
  made_at timestamptz, email_verified_at timestamptz, first_sign_in_at timestamptz);
