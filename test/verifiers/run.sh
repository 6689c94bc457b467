#!/usr/bin/env bash
# Shows that two verifiers which share no code with Cairn accept bundles of a log that Cairn wrote, and refuse every tampered copy. Installs what they need from Debian
# (golang-go, golang-golang-x-mod-dev, python3-cryptography) when it is missing and this is root. Ends with 0 only when every verifier said of every bundle what it should.
set -uo pipefail
cd "$(dirname "$0")/../.."
verifiers=$PWD/test/verifiers
modules=/usr/share/gocode

need() {
  local package=$1
  shift
  "$@" >/dev/null 2>&1 && return 0
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    echo "Installing $package"
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null 2>&1 ||
      { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null; }
  fi
  "$@" >/dev/null 2>&1 || { echo "$package is missing: apt-get install $package" >&2; exit 2; }
}

# The interpreter for which the package is installed; another python3 may come first in the PATH.
python=python3
"$python" -c 'import cryptography' >/dev/null 2>&1 || python=/usr/bin/python3
need python3-cryptography "$python" -c 'import cryptography'
need golang-go go version
need golang-golang-x-mod-dev test -d "$modules/src/golang.org/x/mod/sumdb/tlog"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# From the sources that Debian packages, without network and without modules. A newer Go with modules builds the same with `go build` in test/verifiers/go.
(cd "$verifiers/go" && GO111MODULE=off GOFLAGS= GOPATH=$modules go build -o "$work/verify-bundle" main.go bundle.go tree.go policy.go) || exit 2

CAIRN_VERIFIERS_OUT=$work/bundles npx --no-install vitest run --project servers test/verifiers || { echo "The bundles could not be made, or the cairn command failed on them." >&2; exit 1; }

failures=0
expect() {
  local expected=$1 what=$2
  shift 2
  local said code
  said=$("$@" 2>&1)
  code=$?
  if [ "$code" -eq "$expected" ]; then
    echo "ok    $what: $(tail -n 1 <<<"$said")"
  else
    echo "WRONG $what: exit code $code instead of $expected"$'\n'"$said"
    failures=$((failures + 1))
  fi
}

cd "$work/bundles" || exit 2
bad=(bad-*.zip)
[ "${#bad[@]}" -ge 10 ] || { echo "There are only ${#bad[@]} tampered copies." >&2; exit 2; }
for bundle in whole.zip part.zip; do
  expect 0 "python $bundle" "$python" "$verifiers/verify_bundle.py" "$bundle" --key key --checkpoint earlier
  expect 0 "go     $bundle" "$work/verify-bundle" -key key -checkpoint earlier "$bundle"
done
for bundle in "${bad[@]}"; do
  expect 1 "python $bundle" "$python" "$verifiers/verify_bundle.py" "$bundle"
  expect 1 "go     $bundle" "$work/verify-bundle" "$bundle"
done
# The spec demanded the same of the cairn command.
cases=0
while IFS=$'\t' read -r code bundle policy name; do
  expect "$code" "python $bundle, $name" "$python" "$verifiers/verify_bundle.py" "$bundle" --key key --policy "$policy"
  expect "$code" "go     $bundle, $name" "$work/verify-bundle" -key key -policy "$policy" "$bundle"
  cases=$((cases + 1))
done <policy-cases
[ "$cases" -ge 20 ] || { echo "There are only $cases policies." >&2; exit 2; }
expect 2 "python of no policy" "$python" "$verifiers/verify_bundle.py" whole.zip --policy nowhere
expect 2 "go     of no policy" "$work/verify-bundle" -policy nowhere whole.zip
expect 2 "python of no file" "$python" "$verifiers/verify_bundle.py" nowhere.zip
expect 2 "go     of no file" "$work/verify-bundle" nowhere.zip
[ "$failures" -eq 0 ] || { echo "$failures verifications were wrong." >&2; exit 1; }
echo "Both verifiers accept what the log committed to, and refuse every tampered copy."
