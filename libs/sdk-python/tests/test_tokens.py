import base64
import hashlib
import hmac
import json
import os
import unittest
from unittest import mock

from portico import TokenError, verify_token

SECRET = "a" * 64
NOW = 1_700_000_000
CLAIMS = {"iss": "https://auth.example/proj_1", "aud": "proj_1", "sub": "0d1e", "jti": "7a", "sid": "5e", "iat": NOW, "exp": NOW + 3600}


def encode(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def token(claims=None, header=None, secret=SECRET, raw_claims=None):
    head = encode(json.dumps({"alg": "HS256", "typ": "at+jwt", **(header or {})}).encode())
    body = encode(raw_claims if raw_claims is not None else json.dumps({**CLAIMS, **(claims or {})}).encode())
    signature = hmac.new(secret.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{encode(signature)}"


def verify(text, **options):
    return verify_token(text, SECRET, now=NOW + 10, **options)


class VerifyToken(unittest.TestCase):
    def refused(self, text, code="invalid_token", **options):
        with self.assertRaises(TokenError) as caught:
            verify(text, **options)
        self.assertEqual(caught.exception.code, code)
        self.assertNotIn(SECRET, str(caught.exception))

    def test_a_good_token_gives_its_claims(self):
        self.assertEqual(verify(token(), issuer=CLAIMS["iss"], audience="proj_1")["sub"], "0d1e")

    def test_the_algorithm_is_ours_to_choose(self):
        self.refused(token(header={"alg": "none"}))
        self.refused(token(header={"alg": "HS512"}))
        self.refused(token().rsplit(".", 1)[0] + ".")
        self.refused(token(header={"crit": ["x"]}))

    def test_the_kind_of_token(self):
        for typ in ("JWT", "at+jwt", "application/at+jwt"):
            self.assertTrue(verify(token({"aud": None}, header={"typ": typ})))
        for typ in (None, "logout+jwt", "mfa+jwt"):
            self.refused(token(header={"typ": typ}))
        for change in ({"nonce": "n"}, {"at_hash": "h"}, {"events": {}}, {"jti": None}, {"sid": None}):
            self.refused(token(change, header={"typ": "JWT"}))

    def test_es256_says_what_to_do_instead(self):
        with self.assertRaisesRegex(TokenError, "AppAuth.verify.*PyJWT"):
            verify(token(header={"alg": "ES256"}))

    def test_times(self):
        self.refused(token({"exp": NOW}), code="token_expired")
        self.assertTrue(verify(token({"exp": NOW + 8})))
        self.refused(token({"exp": NOW + 8}), code="token_expired", leeway=0)
        self.refused(token({"nbf": NOW + 60}))
        self.refused(token({"iat": NOW + 60}))
        self.refused(token({"exp": None}))
        self.refused(token({"exp": True}))
        self.refused(token({"exp": "9999999999"}))

    def test_issuer_and_audience(self):
        self.refused(token(), issuer="https://auth.example/proj_2")
        self.refused(token(), audience="proj_2")
        self.assertTrue(verify(token({"aud": ["x", "proj_1"]}), audience="proj_1"))
        self.refused(token({"sub": None}))

    def test_any_of_several_secrets(self):
        self.assertTrue(verify_token(token(), secrets=["b" * 64, SECRET], now=NOW))
        with self.assertRaises(TokenError):
            verify_token(token(), secrets=["b" * 64], now=NOW)

    def test_the_environment_that_portico_injects(self):
        env = {"AUTH_URL": CLAIMS["iss"], "AUTH_JWT_SECRET": "b" * 64, "AUTH_JWT_SECRET_NEXT": SECRET}
        with mock.patch.dict(os.environ, env, clear=True):
            self.assertTrue(verify_token(token(), now=NOW))
            with self.assertRaises(TokenError):
                verify_token(token({"iss": "https://evil.example"}), now=NOW)

    def test_no_secret_is_a_mistake_of_the_program(self):
        with mock.patch.dict(os.environ, {}, clear=True):
            for options in ({}, {"secret": ""}, {"secrets": []}, {"secrets": [""]}):
                with self.assertRaises(ValueError):
                    verify_token(token(), **options)
        with self.assertRaises(TypeError):
            verify_token(token(), secrets=SECRET)

    def test_every_changed_character_is_noticed(self):
        good = token()
        for place in range(len(good)):
            if good[place] == ".":
                continue
            for other in "AB":
                if other != good[place]:
                    self.assertRaises(TokenError, verify, good[:place] + other + good[place + 1 :])

    def test_nonsense(self):
        for text in ("", "a.b", "a.b.c.d", "....", "é.é.é", token() + "\n", "a" * 20_000, None, b"x", token(raw_claims=b"[]"), token(raw_claims=b"{")):
            self.refused(text)


if __name__ == "__main__":
    unittest.main()
