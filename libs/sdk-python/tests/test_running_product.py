"""Against a running product; test/sdk-python starts one and sets these variables."""

import os
import time
import unittest
import urllib.parse
import urllib.request
import uuid

from portico import VERIFY_TOKEN_READS, AppAuth, AuthenticationError, ConflictError, NotFoundError, PermissionDeniedError, Portico, PorticoError, ValidationError, verify_token

PASSWORD = "correct horse battery 9!"


@unittest.skipUnless(os.environ.get("PORTICO_URL"), "PORTICO_URL and PORTICO_API_KEY name the product to test against")
class RunningProduct(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.portico = Portico()
        cls.project = cls.portico.projects.create("Python")["id"]
        cls.service = cls.portico.projects.auth.enable(cls.project, allow_signups=True, providers=["email"])
        cls.auth_url = cls.service["auth_url"]

    def auth(self):
        return AppAuth(self.auth_url)

    def address(self):
        return f"{uuid.uuid4().hex}@example.com"

    def mailed_token(self, address, subject):
        query = urllib.parse.urlencode({"to": address, "subject": subject})
        with urllib.request.urlopen(f"{os.environ['PORTICO_TEST_MAIL']}/?{query}", timeout=15) as answer:
            link = answer.read().decode()
        return urllib.parse.parse_qs(urllib.parse.urlsplit(link).query)["token"][0]

    def test_projects(self):
        made = self.portico.projects.create("Blue Bakery", metadata={"camelCase": 1})
        self.assertEqual(self.portico.projects.get(made["id"])["metadata"], {"camelCase": 1})
        self.assertEqual(self.portico.projects.update(made["id"], name="Red Bakery")["name"], "Red Bakery")
        self.assertIn(made["id"], [project["id"] for project in self.portico.projects.list(limit=1)])
        self.portico.projects.delete(made["id"])
        self.assertNotIn(made["id"], [project["id"] for project in self.portico.projects.list()])
        with self.assertRaises(NotFoundError):
            self.portico.projects.get("proj_00000000-0000-4000-8000-000000000000")

    def test_the_same_idempotency_key_makes_one_project(self):
        key = str(uuid.uuid4())
        first = self.portico.projects.create("Once", idempotency_key=key)
        self.assertEqual(self.portico.projects.create("Once", idempotency_key=key)["id"], first["id"])
        with self.assertRaises(ConflictError) as caught:
            self.portico.projects.create("Another", idempotency_key=key)
        self.assertEqual(caught.exception.code, "idempotency_conflict")

    def test_putting_an_intruder_out(self):
        address = self.address()
        user = self.auth().sign_up(address, PASSWORD)["user"]["id"]
        self.assertEqual(self.portico.users.identities(self.project, user), [])
        with self.assertRaises(NotFoundError):
            self.portico.users.unlink_identity(self.project, user, "google")
        done = self.portico.users.evict(self.project, user, recovery=False)
        self.assertEqual((done["removed"]["passwords"], done["removed"]["sessions"], done["recovery"]), (1, 1, None))
        with self.assertRaises(AuthenticationError):
            self.auth().log_in(address, PASSWORD)

    def test_mailed_links_and_second_factors(self):
        project = self.portico.projects.create("Links")["id"]
        url = self.portico.projects.auth.enable(project, providers=["email", "magic_link", "email_otp"], site_url="http://localhost:3000")["auth_url"]
        auth, address = AppAuth(url), self.address()
        self.assertTrue(auth.send_email_code(self.address())["ok"])
        self.assertTrue(auth.send_magic_link(address)["ok"])
        token = self.mailed_token(address, "Sign in")
        self.assertEqual(auth.confirm_magic_link(token)["user"]["email"], address)
        self.assertEqual(auth.get_user()["email"], address)
        invited = self.address()
        self.portico.users.invite(project, invited)
        self.assertEqual(AppAuth(url).accept_invitation(self.mailed_token(invited, "invit"), PASSWORD)["user"]["email"], invited)
        # The password is right, and no session before there is a second factor.
        self.portico.projects.auth.update(project, mfa="required")
        for _ in range(50):
            answer = AppAuth(url).log_in(invited, PASSWORD)
            if "mfa_enrolment_required" in answer:
                break
            time.sleep(0.1)
        self.assertTrue(answer["mfa_enrolment_required"])
        with self.assertRaises(PorticoError):
            auth.verify_second_factor(answer["mfa_token"], "123456")

    def test_auth_settings(self):
        project = self.portico.projects.create("Settings")["id"]
        auth = self.portico.projects.auth
        auth.enable(project)
        self.assertEqual(auth.update(project, password_min_length=12)["settings"]["password_min_length"], 12)
        self.assertEqual(auth.update(project, password_min_length=None)["settings"]["password_min_length"], 8)
        with self.assertRaises(ValidationError) as caught:
            auth.update(project, password_min_length="many")
        self.assertTrue(caught.exception.details)
        before = self.portico.runtime_env.get(project)["env"]["AUTH_JWT_SECRET"]
        auth.rotate_secret(project, "immediate")
        self.assertNotEqual(self.portico.runtime_env.get(project)["env"]["AUTH_JWT_SECRET"], before)
        self.assertFalse(auth.disable(project)["enabled"])
        self.assertFalse(auth.get(project)["enabled"])
        self.assertNotIn("AUTH_URL", self.portico.runtime_env.get(project)["env"])

    def test_environment_and_instances(self):
        project = self.portico.projects.create("Env")["id"]
        env = self.portico.runtime_env
        env.set(project, "LOG_LEVEL", "debug")
        self.assertEqual([(row["name"], row["source"]) for row in env.list(project)], [("LOG_LEVEL", "own")])
        env.set_all(project, {"LOG_LEVEL": "info", "REGION": "eu"})
        instance = self.portico.instances.boot(project, name="worker-1")
        self.assertEqual(instance["env"], {"LOG_LEVEL": "info", "REGION": "eu"})
        env.unset(project, "REGION")
        self.assertFalse(self.portico.instances.heartbeat(project, instance["id"])["current"])
        self.assertEqual([row["name"] for row in self.portico.instances.list(project)], ["worker-1"])
        self.assertIsNone(next(iter(self.portico.instances.list(project)))["reads"])
        self.portico.instances.heartbeat(project, instance["id"], reads=VERIFY_TOKEN_READS)
        self.assertEqual(next(iter(self.portico.instances.list(project)))["reads"], list(VERIFY_TOKEN_READS))
        self.portico.instances.remove(project, instance["id"])

    def test_a_rotation_that_waits_is_switched_by_hand(self):
        project = self.portico.projects.create("Rotating")["id"]
        auth = self.portico.projects.auth
        auth.enable(project)
        instance = self.portico.instances.boot(project, reads=["AUTH_JWT_SECRET"])
        self.assertEqual(auth.rotate_secret(project)["rotation"]["state"], "waiting")
        self.assertEqual(auth.rotation(project)["rotation"]["waiting_for"][0]["id"], instance["id"])
        done = auth.switch_rotation(project)["rotation"]
        self.assertEqual([done["state"], done["restart_after_switch"][0]["id"]], ["done", instance["id"]])
        self.assertIsNone(auth.rotation(project)["rotation"])

    def test_users(self):
        address = self.address()
        users = self.portico.users
        user = users.create(self.project, address, password=PASSWORD, email_verified=True)
        self.assertEqual(users.get(self.project, user["id"])["email"], address)
        self.assertEqual([row["id"] for row in users.list(self.project, search=address)], [user["id"]])
        self.assertEqual(users.list(self.project, email=address.upper(), state="confirmed", sort="email").data[0]["id"], user["id"])
        self.assertIn(user["id"], [row["id"] for row in users.export(self.project, provider="password")])
        with self.assertRaises(PorticoError):
            list(users.export(self.project, state="happy"))
        done = users.bulk(self.project, "end_sessions", [user["id"], "00000000-0000-4000-8000-000000000000"])
        self.assertEqual((done["succeeded"], done["failed"]), (1, 1))
        self.assertEqual(users.update(self.project, user["id"], app_metadata={"plan": "pro"})["app_metadata"], {"plan": "pro"})
        self.assertEqual((users.sessions(self.project, user["id"]), users.passkeys(self.project, user["id"])), ([], []))
        self.assertTrue(users.disable(self.project, user["id"])["disabled"])
        with self.assertRaises(AuthenticationError):
            self.auth().log_in(address, PASSWORD)
        self.assertFalse(users.enable(self.project, user["id"])["disabled"])
        auth = self.auth()
        auth.log_in(address, PASSWORD)
        users.end_sessions(self.project, user["id"])
        with self.assertRaises(AuthenticationError):
            auth.refresh()
        self.assertEqual(users.update(self.project, user["id"], metadata={"plan": "free"})["metadata"], {"plan": "free"})
        users.recover(self.project, user["id"])
        self.assertEqual(users.reset_factors(self.project, user["id"])["factors_removed"], 0)
        self.assertFalse(users.invite(self.project, f"invited-{address}", metadata={"plan": "pro"})["email_verified"])
        auth = self.portico.projects.auth
        self.assertTrue(auth.set_provider(self.project, "github", "client", "client-secret")["configured"])
        self.assertIn("github", [row["provider"] for row in auth.providers(self.project) if row["configured"]])
        with self.assertRaises(ConflictError) as caught:
            auth.update(self.project, providers=["github"])
        self.assertEqual(caught.exception.code, "users_stranded")
        self.assertEqual(auth.update(self.project, providers=["github"], force=True)["settings"]["providers"], ["github"])
        auth.update(self.project, providers=["email"])
        self.assertFalse(auth.remove_provider(self.project, "github", force=True)["configured"])
        users.delete(self.project, user["id"])
        with self.assertRaises(NotFoundError):
            users.get(self.project, user["id"])

    def test_keys_and_audit(self):
        made = self.portico.api_keys.create("ci", ["projects:read"])
        self.assertEqual(len(Portico(made["key"]).projects.list(limit=1).data), 1)
        with self.assertRaises(PorticoError) as caught:
            Portico(made["key"]).projects.create("No")
        self.assertEqual(caught.exception.code, "insufficient_scope")
        self.assertIn(made["id"], [key["id"] for key in self.portico.api_keys.list()])
        self.portico.api_keys.revoke(made["id"])
        actions = [row["action"] for row in self.portico.audit_log.list(self.project, limit=100)]
        self.assertTrue(actions)

    def test_an_end_user_from_sign_up_to_the_end(self):
        address, auth = self.address(), self.auth()
        session = auth.sign_up(address, PASSWORD, {"first_name": "Ada"})
        self.assertEqual(session["user"]["metadata"], {"first_name": "Ada"})
        env = self.portico.runtime_env.get(self.project)["env"]
        claims = verify_token(
            session["access_token"],
            secrets=[env["AUTH_JWT_SECRET"], env["AUTH_JWT_SECRET_NEXT"]],
            issuer=self.auth_url,
        )
        self.assertEqual(claims["sub"], session["user_id"])
        self.assertEqual(auth.verify()["sub"], session["user_id"])
        self.assertFalse(auth.get_user()["email_verified"])
        auth.confirm_email(self.mailed_token(address, "confirm"))
        self.assertTrue(auth.get_user()["email_verified"])
        self.assertEqual(auth.update_user({"first_name": "Augusta"})["metadata"]["first_name"], "Augusta")
        self.assertNotEqual(auth.refresh()["access_token"], session["access_token"])
        self.assertEqual([row["current"] for row in auth.list_sessions()], [True])
        self.assertIn("email", str(auth.settings()))

        with self.assertRaises(ValidationError) as caught:
            self.auth().sign_up(address, PASSWORD)
        self.assertEqual(caught.exception.code, "email_taken")

        self.assertEqual(auth.reset_password(address)["delivery"], "queued")
        auth.confirm_password_reset(self.mailed_token(address, "reset"), "another long password")
        with self.assertRaises(AuthenticationError):
            auth.get_user()
        self.assertIsNone(auth.session)
        auth.log_in(address, "another long password")
        auth.change_password("another long password", PASSWORD)
        auth.log_in(address, PASSWORD)
        old = auth.session
        auth.log_out()
        self.assertIsNone(auth.session)
        with self.assertRaises(AuthenticationError):
            AppAuth(self.auth_url, session=old).get_user()
        auth.log_in(address, PASSWORD)
        auth.delete_user(PASSWORD)
        with self.assertRaises(AuthenticationError):
            auth.log_in(address, PASSWORD)

    def test_a_company_and_its_directory(self):
        project = self.portico.projects.create("Companies")["id"]
        url = self.portico.projects.auth.enable(project, allow_signups=True, providers=["email"], organizations="self_service")["auth_url"]
        companies, boss, mate = self.portico.organizations, AppAuth(url), AppAuth(url)
        boss.sign_up(self.address(), PASSWORD)
        mate.sign_up(self.address(), PASSWORD)
        made = boss.organizations.create("Acme", metadata={"plan": "pro"})["id"]
        self.assertEqual([each["role"] for each in boss.organizations.list()], ["admin"])
        claims = boss.verify(boss.organizations.activate(made)["access_token"])
        self.assertEqual((claims["org_id"], claims["org_role"]), (made, "admin"))
        boss.refresh()
        self.assertEqual(boss.verify()["org_slug"], "acme")
        self.assertNotIn("org_id", boss.verify(boss.organizations.activate(None)["access_token"]))

        companies.set_role_definition(project, "clerk", "Clerk", ["invoices.write"])
        self.assertIn("clerk", [role["key"] for role in companies.roles(project)])
        companies.add_member(project, made, mate.session["user_id"], "clerk")
        self.assertEqual(boss.organizations.set_role(made, mate.session["user_id"], "member")["role"], "member")
        self.assertEqual([each["role"] for each in boss.organizations.members(made)], ["admin", "member"])
        self.assertEqual(len([*companies.members(project, made, limit=1)]), 2)
        self.portico.projects.auth.update(project, organization_roles="organization")
        deadline = time.monotonic() + 10
        while True:  # The data plane hears of it within a moment.
            try:
                own = boss.organizations.set_role_definition(made, "reader", "Reader", ["org.read", "invoices.write"])
                break
            except PermissionDeniedError:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.1)
        self.assertEqual(own["organization_id"], made)
        boss.organizations.remove_role_definition(made, "reader")
        companies.remove_role_definition(project, "clerk")
        with self.assertRaises(ConflictError) as caught:
            boss.organizations.leave(made)
        self.assertEqual(caught.exception.code, "last_admin")
        companies.transfer(project, made, mate.session["user_id"])
        boss.organizations.leave(made)
        invited = mate.organizations.invite(made, self.address())
        self.assertEqual([each["id"] for each in companies.invitations(project, made)], [invited["id"]])
        mate.organizations.revoke(made, invited["id"])
        self.assertEqual(mate.organizations.invitations(made), [])
        self.assertEqual([each["id"] for each in companies.list(project, search="cme")], [made])

        directory = self.portico.directories.create(project, "Entra", organization_id=made)
        token = self.portico.directories.create_token(project, directory["id"])
        self.assertTrue(token["token"].startswith("scim_"))
        self.assertEqual([each["id"] for each in self.portico.directories.tokens(project, directory["id"])], [token["id"]])
        self.portico.directories.remove_token(project, directory["id"], token["id"])
        self.assertEqual(self.portico.directories.update(project, directory["id"], name="Okta")["name"], "Okta")
        self.assertEqual(self.portico.directories.log(project, directory["id"]).data, [])
        self.portico.directories.delete(project, directory["id"])
        companies.delete(project, made)
        self.assertEqual(self.portico.directories.list(project), [])


if __name__ == "__main__":
    unittest.main()
