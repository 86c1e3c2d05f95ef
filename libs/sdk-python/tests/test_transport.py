import json
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest import mock

from portico import AppAuth, AuthenticationError, ConflictError, Portico, PorticoConnectionError, RateLimitError, ServerError, ValidationError


class Scripted(ThreadingHTTPServer):
    """Answers from a list; keeps what it was asked."""

    daemon_threads = True

    def __init__(self, answers):
        self.answers = list(answers)
        self.seen = []
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        self.server.seen.append({"method": self.command, "path": self.path, "headers": dict(self.headers), "body": json.loads(body) if body else None})
        status, headers, payload = self.server.answers.pop(0) if len(self.server.answers) > 1 else self.server.answers[0]
        if status == 0:
            self.connection.close()
            return
        raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = answer

    def log_message(self, *_):
        pass


def problem(code):
    return {"error": {"code": code, "message": "no", "request_id": "req_1", "details": [{"field": "name", "code": "x", "message": "y"}]}}


OK = (200, {}, {"data": {"id": "proj_1"}})
SESSION = {"access_token": "a1", "refresh_token": "r1", "user": {"id": "u"}}


def client(server, **options):
    return Portico("msk_test_key", server.url, **options)


class Retries(unittest.TestCase):
    def setUp(self):
        patch = mock.patch("portico.transport._BASE_DELAY", 0.01)
        patch.start()
        self.addCleanup(patch.stop)

    def test_a_change_is_retried_with_the_same_idempotency_key(self):
        with Scripted([(503, {"Retry-After": "0"}, problem("unavailable")), (0, {}, b""), OK]) as server:
            self.assertEqual(client(server).projects.create("Todo")["id"], "proj_1")
            keys = [request["headers"]["Idempotency-Key"] for request in server.seen]
            self.assertEqual(len(keys), 3)
            self.assertEqual(len(set(keys)), 1)
            self.assertEqual(server.seen[0]["headers"]["Authorization"], "Bearer msk_test_key")

    def test_retry_after_is_waited_for(self):
        with Scripted([(429, {"Retry-After": "1"}, problem("rate_limited")), OK]) as server:
            started = time.monotonic()
            client(server).projects.get("proj_1")
            self.assertGreaterEqual(time.monotonic() - started, 1)

    def test_a_long_retry_after_is_told_instead(self):
        with Scripted([(429, {"Retry-After": "900"}, problem("rate_limited"))]) as server:
            with self.assertRaises(RateLimitError) as caught:
                client(server).projects.get("proj_1")
            self.assertEqual(caught.exception.retry_after, 900)
            self.assertEqual(len(server.seen), 1)

    def test_refusals_are_not_retried_and_have_a_type(self):
        for status, code, kind in ((401, "unauthenticated", AuthenticationError), (409, "conflict", ConflictError), (422, "validation_error", ValidationError)):
            with Scripted([(status, {}, problem(code))]) as server:
                with self.assertRaises(kind) as caught:
                    client(server).projects.get("proj_1")
                self.assertEqual((caught.exception.code, caught.exception.request_id, caught.exception.status), (code, "req_1", status))
                self.assertEqual(caught.exception.details[0]["field"], "name")
                self.assertEqual(len(server.seen), 1)

    def test_it_gives_up(self):
        with Scripted([(500, {}, b"<html>")]) as server:
            with self.assertRaises(ServerError) as caught:
                client(server, max_retries=2).projects.get("proj_1")
            self.assertEqual(caught.exception.code, "unexpected_answer")
            self.assertEqual(len(server.seen), 3)

    def test_nobody_there(self):
        with self.assertRaises(PorticoConnectionError):
            Portico("msk_test_key", "http://127.0.0.1:1", max_retries=1).projects.get("proj_1")

    def test_a_redirect_does_not_take_the_key_along(self):
        with Scripted([OK]) as other, Scripted([(302, {"Location": other.url}, {})]) as server:
            with self.assertRaises(Exception):
                client(server, max_retries=0).projects.get("proj_1")
            self.assertEqual(other.seen, [])

    def test_an_id_cannot_name_another_route(self):
        with Scripted([OK]) as server:
            client(server).projects.get("../tenants?x=1")
            self.assertEqual(server.seen[0]["path"], "/api/v1/projects/..%2Ftenants%3Fx%3D1")
            for bad in ("", "..", "."):
                with self.assertRaises(ValueError):
                    client(server).projects.get(bad)

    def test_iteration_goes_over_the_pages(self):
        pages = [
            (200, {}, {"data": [{"id": 1}, {"id": 2}], "page": {"limit": 2, "next_cursor": "c"}}),
            (200, {}, {"data": [{"id": 3}], "page": {"limit": 2, "next_cursor": None}}),
        ]
        with Scripted(pages) as server:
            self.assertEqual([row["id"] for row in client(server).users.list("proj_1", limit=2, search="a b")], [1, 2, 3])
            self.assertEqual(server.seen[1]["path"], "/api/v1/projects/proj_1/users?search=a+b&limit=2&cursor=c")

    def test_the_key_is_not_shown(self):
        self.assertNotIn("msk_test_key", repr(Portico("msk_test_key", "https://control.example")))


class EndUser(unittest.TestCase):
    def test_a_lost_sign_up_is_not_sent_twice(self):
        with Scripted([(0, {}, b"")]) as server:
            with self.assertRaises(PorticoConnectionError):
                AppAuth(server.url).sign_up("ada@example.com", "secret")
            self.assertEqual(len(server.seen), 1)

    def test_the_login_limit_is_told_at_once(self):
        with Scripted([(429, {"Retry-After": "1"}, problem("rate_limited"))]) as server:
            with self.assertRaises(RateLimitError):
                AppAuth(server.url).log_in("ada@example.com", "secret")
            self.assertEqual(len(server.seen), 1)

    def test_an_expired_access_token_is_refreshed_once(self):
        answers = [(401, {}, problem("invalid_token")), (200, {}, {**SESSION, "access_token": "a2"}), (200, {}, {"user": {"id": "u"}})]
        kept = []
        with Scripted(answers) as server:
            auth = AppAuth(server.url, session=SESSION, on_session=kept.append)
            self.assertEqual(auth.get_user(), {"id": "u"})
            self.assertEqual([request["path"] for request in server.seen], ["/user", "/refresh", "/user"])
            self.assertEqual(server.seen[2]["headers"]["Authorization"], "Bearer a2")
            self.assertEqual([session["access_token"] for session in kept], ["a2"])

    def test_parallel_refreshes_become_one(self):
        with Scripted([(200, {}, {**SESSION, "access_token": "a2", "refresh_token": "r2"})]) as server:
            auth = AppAuth(server.url, session=SESSION)
            before = auth.session
            threads = [threading.Thread(target=auth._refresh_unless_newer, args=(before,)) for _ in range(10)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(len(server.seen), 1)

    def test_only_the_server_ends_a_session(self):
        with Scripted([(503, {"Retry-After": "60"}, problem("overloaded"))]) as server:
            auth = AppAuth(server.url, session=SESSION)
            with self.assertRaises(ServerError):
                auth.refresh()
            self.assertEqual(auth.session, SESSION)
        with Scripted([(401, {}, problem("session_ended"))]) as server:
            auth = AppAuth(server.url, session=SESSION)
            with self.assertRaises(AuthenticationError):
                auth.refresh()
            self.assertIsNone(auth.session)


if __name__ == "__main__":
    unittest.main()
