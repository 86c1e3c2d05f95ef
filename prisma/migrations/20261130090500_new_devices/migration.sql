-- What tells the devices of a person apart, coarsely: browser, system and network of a session. Written only where the project asks about
-- new devices; sessions of before have none and count neither as known nor as new.
alter table auth.session add column device_print text;

-- «This was not me»: the link of the notice of a new device.
alter table auth.one_time_token drop constraint one_time_token_purpose_check;
alter table auth.one_time_token add constraint one_time_token_purpose_check check (purpose in
  ('password_reset', 'email_confirm', 'email_change', 'email_change_undo', 'invitation', 'account_recovery', 'device_report'));
