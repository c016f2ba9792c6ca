#!/usr/bin/env bash
# Makes a user, generates keys, uses them, revokes them, and cleans up. Needs curl alone.
#   LATCHKEY_TOKEN='<api_key>:<api_secret>' ./walk.sh      (of a System Manager)
set -euo pipefail
url=${LATCHKEY_URL:-http://127.0.0.1:8000}
: "${LATCHKEY_TOKEN:?set it to <api_key>:<api_secret> of a System Manager}"
user=curl@example.com

# call TOKEN METHOD PATH [JSON]: prints the answer; fails for a refusal. The token goes in by stdin, since everybody on the
# machine may read the arguments of a process.
call() {
  local token=$1 method=$2 path=$3
  printf 'header = "Authorization: token %s"\n' "$token" |
    curl --silent --show-error --fail-with-body --config - --request "$method" \
      ${4:+--header 'Content-Type: application/json' --data "$4"} "$url$path"
}

# field NAME: the text of that field in the JSON on stdin; with jq at hand, jq -r ".NAME".
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }

echo "1 I am $(call "$LATCHKEY_TOKEN" GET /v1/me | field name)"

call "$LATCHKEY_TOKEN" POST /v1/users "{\"email\":\"$user\",\"fullName\":\"Curl Example\"}" >/dev/null
trap 'call "$LATCHKEY_TOKEN" DELETE "/v1/users/$user"; echo "5 deleted $user"' EXIT
echo "2 made $user"

made=$(call "$LATCHKEY_TOKEN" POST /v1/api-keys "{\"user\":\"$user\"}")
key=$(field apiKey <<<"$made")
token=$key:$(field apiSecret <<<"$made")
echo "3 its token works: $(call "$token" GET /v1/me | field name)"

call "$LATCHKEY_TOKEN" DELETE "/v1/api-keys/$key/secrets"
if call "$token" GET /v1/me >/dev/null 2>&1; then
  echo 'the revoked token still works' >&2
  exit 1
fi
echo '4 revoked: it is refused'
