#!/usr/bin/env bash
# What the tests in test/e2e need beside Node: installs it where it may (root on Debian or Ubuntu), says what is missing elsewhere.
# Exit code 1 when something is still missing at the end. May be run again at any time.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# program · Debian package · least version · how to get it elsewhere
needs='
curl     curl          -     https://curl.se
python3  python3       3.8   https://www.python.org/downloads
go       golang-go     1.21  https://go.dev/dl
cargo    cargo         1.70  https://rustup.rs
tmux     tmux          3.0   https://github.com/tmux/tmux
git      git           2.20  https://git-scm.com/downloads
java     default-jdk-headless 17 https://adoptium.net
chromium chromium      -     https://www.chromium.org (as chromium on PATH)
nginx    nginx-light   -     https://nginx.org
certutil libnss3-tools -     NSS tools: dnf install nss-tools, brew install nss
'
# Linux only: replays run in a network namespace without any route, and the kernel loses packets in one.
[ "$(uname -s)" = Linux ] && needs+='
unshare  util-linux    -     your distribution (util-linux)
ip       iproute2      -     your distribution (iproute2)
nft      nftables      -     your distribution (nftables)
'

version_of() {
  case $1 in
    go) go env GOVERSION 2>/dev/null | sed 's/^go//' ;;
    cargo) cargo --version 2>/dev/null | cut -d' ' -f2 ;;
    tmux) tmux -V 2>/dev/null | sed 's/^tmux //; s/[a-z]*$//' ;;
    git) git --version 2>/dev/null | cut -d' ' -f3 ;;
    java) java -version 2>&1 | sed -n 's/.*version "\([0-9][0-9.]*\).*/\1/p' ;;
    python3) python3 -c 'import platform; print(platform.python_version())' 2>/dev/null ;;
  esac
}
# at_least LEAST ACTUAL
at_least() { [ "$1" = - ] || [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }
present() { command -v "$1" >/dev/null && at_least "$2" "$(version_of "$1")"; }

packages=()
while read -r program package least _; do
  [ -z "$program" ] || present "$program" "$least" || packages+=("$package")
done <<<"$needs"
python3 -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv)
if [ ${#packages[@]} -gt 0 ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing ${packages[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq && apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi

# The modules of a client in Go, while Python's packages are fetched.
if command -v go >/dev/null; then (cd test/fixtures/clients/grpc-go && go mod download 2>&1 | grep -v '^go: downloading') & fi

# Python's clients, Toxiproxy's among them, and a pip, apart from what the machine has.
venv=.work/e2e/venv
wanted=test/fixtures/clients/requirements.txt
clients='import aiohttp, boto3, flask, grpc, h2, httpx, openapi_python_client, pytest, requests, toxiproxy, websockets'
if ! "$venv/bin/python3" -c "$clients" 2>/dev/null; then
  echo "making $venv"
  python3 -m venv "$venv" && "$venv/bin/python3" -m pip install --quiet --disable-pip-version-check -r "$wanted"
fi
# mitmproxy, which reads what recordings are exported to: in an environment of its own, as it wants versions of its own.
mitmproxy=.work/e2e/mitmproxy
if ! "$mitmproxy/bin/mitmdump" --version >/dev/null 2>&1; then
  echo "making $mitmproxy"
  python3 -m venv "$mitmproxy" && "$mitmproxy/bin/python3" -m pip install --quiet --disable-pip-version-check 'mitmproxy>=11,<13'
fi
wait

status=0
while read -r program _ least where; do
  [ -z "$program" ] && continue
  if present "$program" "$least"; then
    echo "ok       $program $(version_of "$program")"
  else
    echo "MISSING  $program $([ "$least" = - ] || echo "$least or newer"): $where"
    status=1
  fi
done <<<"$needs"
if "$venv/bin/python3" -c "$clients" 2>/dev/null; then echo "ok       Python's clients in $venv"; else
  echo "MISSING  Python's clients in $venv: pip install -r $wanted"
  status=1
fi
if "$mitmproxy/bin/mitmdump" --version >/dev/null 2>&1; then echo "ok       mitmproxy in $mitmproxy"; else
  echo "MISSING  mitmproxy in $mitmproxy: pip install mitmproxy"
  status=1
fi
exit $status
