"""A small client of Latchkey's REST API, over requests."""

import time

import requests


class BadCredentials(Exception):
    """401: the token proves nobody. Asking again is of no use."""


class Refused(Exception):
    """Any other refusal. `code` is of the closed list in docs/troubleshooting.md."""

    def __init__(self, problem):
        super().__init__(f"{problem['code']}: {problem['detail']} (request {problem['requestId']})")
        self.code = problem["code"]
        self.problem = problem


class Latchkey:
    """Calls Latchkey as the owner of a token."""

    def __init__(self, url, api_key, api_secret, *, basic=False, attempts=5):
        self.url = url.rstrip("/")
        self.attempts = attempts
        self.session = requests.Session()
        self.session.trust_env = False  # or a ~/.netrc would replace the Authorization header
        if basic:
            self.session.auth = (api_key, api_secret)
        else:
            self.session.headers["Authorization"] = f"token {api_key}:{api_secret}"

    def call(self, method, path, json=None):
        """The answer's JSON, or None. Waits and asks again while the service is unavailable (503)."""
        for attempt in range(1, self.attempts + 1):
            response = self.session.request(method, self.url + path, json=json, timeout=10)
            if response.status_code == 503 and attempt < self.attempts:
                time.sleep(float(response.headers.get("Retry-After", 1)))
                continue
            break
        if response.status_code == 401:
            raise BadCredentials(response.json()["detail"])
        if not response.ok:
            raise Refused(response.json())
        return response.json() if response.content else None

    def me(self):
        return self.call("GET", "/v1/me")

    def create_user(self, email, full_name):
        return self.call("POST", "/v1/users", {"email": email, "fullName": full_name})

    def delete_user(self, name):
        self.call("DELETE", f"/v1/users/{name}")

    def generate_keys(self, user):
        """(api_key, api_secret): the user's key, with a new secret. An older secret is dead."""
        try:
            made = self.call("POST", "/v1/api-keys", {"user": user})
        except Refused as refusal:
            if refusal.code != "conflict":
                raise
            key = self.call("GET", f"/v1/api-keys?user={user}")["data"][0]["apiKey"]
            made = self.call("POST", f"/v1/api-keys/{key}/secrets")
        return made["apiKey"], made["apiSecret"]

    def revoke(self, api_key):
        self.call("DELETE", f"/v1/api-keys/{api_key}/secrets")
