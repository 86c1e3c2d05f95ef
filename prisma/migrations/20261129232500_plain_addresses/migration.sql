-- Mail goes to the address that is compared, letter case before the @ aside. Addresses were kept as typed, so that a local part
-- with compatibility characters or a domain in Unicode was mailed in that form: those are replaced by the compared form, and what a mail to another
-- local part proved is not proven.
do $$
begin
  alter table auth.end_user no force row level security;
  update auth.end_user set email_typed = email,
      email_verified_at = case when left(email_typed, length(split_part(email, '@', 1)) + 1) is nfkc normalized then email_verified_at end
    where lower(email_typed) <> email;
  alter table auth.end_user force row level security;
end
$$;
