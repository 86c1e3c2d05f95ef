-- Mail goes to the address that is compared, letter case before the @ aside. Addresses were kept as typed, so that a local part
-- with compatibility characters or a domain in Unicode was mailed in that form: those are replaced by the compared form, and what a mail to another
-- local part proved is not proven.
do $$
begin
  -- Whoever owns the tables is bound by row security as well (forced), and there is no project to be in here.
  perform set_config('role', 'portico_maintenance', true);
  update auth.end_user set email_typed = email,
      email_verified_at = case when left(email_typed, length(split_part(email, '@', 1)) + 1) is nfkc normalized then email_verified_at end
    where lower(email_typed) <> email;
  perform set_config('role', 'none', true);
end
$$;
