#!/bin/sh
# Installs the executable of a release for this machine, after verifying its checksum:
#
#     sh install.sh [VERSION]
#
# VERSION is a tag such as v1.2.3; without it, the newest release is installed. The executable goes to /usr/local/bin, or to the
# folder in INSTALL_DIRECTORY. RELEASES is another address with the same files.
set -eu

releases=${RELEASES:-https://github.com/OWNER/smtp-oauth2-proxy/releases}
directory=${INSTALL_DIRECTORY:-/usr/local/bin}
version=${1:-latest}

fail() {
  echo "install.sh: $1" >&2
  exit 1
}

# Follows redirects to HTTPS only.
fetch() {
  curl --fail --silent --show-error --location --proto-redir =https --output "$2" "$1" ||
    fail "$1 cannot be fetched. Is there such a release, and is the network open?"
}

case $(uname -s) in
  Linux) system=unknown-linux-gnu ;;
  Darwin) system=apple-darwin ;;
  *) fail "There is no executable for $(uname -s) here. For Windows, download the .exe of the release." ;;
esac
case $(uname -m) in
  x86_64 | amd64) machine=x86_64 ;;
  aarch64 | arm64) machine=aarch64 ;;
  *) fail "There is no executable for $(uname -m)." ;;
esac
if [ "$version" = latest ]; then
  address=$releases/latest/download
else
  address=$releases/download/$version
fi
if command -v sha256sum >/dev/null; then
  checksum="sha256sum"
else
  checksum="shasum -a 256"
fi

file=smtp-oauth2-proxy-$machine-$system
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fetch "$address/$file" "$work/$file"
fetch "$address/SHA256SUMS" "$work/SHA256SUMS"

cd "$work"
grep " [ *]\{0,1\}$file\$" SHA256SUMS >expected || fail "SHA256SUMS has no line for $file."
$checksum -c expected >/dev/null 2>&1 || fail "The checksum of $file is wrong. Nothing was installed."

mkdir -p "$directory"
install -m 755 "$file" "$directory/smtp-oauth2-proxy" ||
  fail "$directory cannot be written. Run this as root, or set INSTALL_DIRECTORY."
echo "Installed: $directory/smtp-oauth2-proxy $("$directory/smtp-oauth2-proxy" --version)"
echo "Next, in a folder of its own: smtp-oauth2-proxy init"
