"""Makes a user, gives it keys, uses them by both schemes, replaces and revokes them."""

import os
import sys

from latchkey import BadCredentials, Latchkey

url = os.environ.get("LATCHKEY_URL", "http://127.0.0.1:8000")
token = os.environ.get("LATCHKEY_TOKEN", "")
if ":" not in token:
    sys.exit("Set LATCHKEY_TOKEN to <api_key>:<api_secret> of a System Manager.")

manager = Latchkey(url, *token.split(":", 1))
print("I am", manager.me()["name"])

user = "python@example.com"
manager.create_user(user, "Python Example")
try:
    old = manager.generate_keys(user)
    print("by token:", Latchkey(url, *old).me()["name"])
    print("by Basic:", Latchkey(url, *old, basic=True).me()["name"])

    new = manager.generate_keys(user)
    print("the same key, another secret:", new[0] == old[0] and new[1] != old[1])

    manager.revoke(new[0])
    for pair in (old, new):
        try:
            Latchkey(url, *pair).me()
        except BadCredentials as refusal:
            print("refused:", refusal)
finally:
    manager.delete_user(user)
