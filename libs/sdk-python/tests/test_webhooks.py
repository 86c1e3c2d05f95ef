import base64
import hashlib
import hmac
import unittest

from portico import WebhookVerificationError, verify_hook, verify_webhook

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
BODY = '{"id":"msg_1","type":"user.signed_up"}'


def signed(timestamp: int, secret: str = SECRET) -> dict[str, str]:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"msg_1.{timestamp}.{BODY}".encode(), hashlib.sha256).digest()
    return {
        "Webhook-Id": "msg_1",
        "webhook-timestamp": str(timestamp),
        "webhook-signature": "v1,AAAA v1," + base64.b64encode(mac).decode(),
    }


class VerifyWebhook(unittest.TestCase):
    def test_a_message_of_ours_is_taken_with_any_of_the_secrets(self) -> None:
        other = "whsec_" + base64.b64encode(b"o" * 32).decode()
        self.assertEqual(verify_webhook(headers=signed(100), body=BODY, secret=[other, SECRET], now=120)["id"], "msg_1")

    def test_everything_else_is_refused(self) -> None:
        for headers, body, now in (
            (signed(100), BODY + " ", 100),
            (signed(100), BODY, 500),
            ({}, BODY, 100),
            ({**signed(100), "webhook-signature": "v1,é"}, BODY, 100),
        ):
            with self.assertRaises(WebhookVerificationError):
                verify_webhook(headers=headers, body=body, secret=SECRET, now=now)

    def test_a_webhook_is_no_hook(self) -> None:
        with self.assertRaises(WebhookVerificationError):
            verify_hook(headers=signed(100), body=BODY, secret=SECRET, now=100)


if __name__ == "__main__":
    unittest.main()
