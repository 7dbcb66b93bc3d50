#!/bin/sh
# The command line of the systemd service: copy to /usr/local/bin/smtp-oauth2-proxy, see docs/install/vps.md.
#
# Every command runs as the service's user, with the service's settings and packages, from any folder.
set -eu
user=smtp-oauth2-proxy
program=/opt/smtp-oauth2-proxy/tools/smtp-oauth2-proxy
settings=/etc/smtp-oauth2-proxy/env

case " $* " in
*" --env-file"*) ;;
*) set -- "$@" --env-file "$settings" ;;
esac
export DENO_DIR=/opt/smtp-oauth2-proxy/.deno DENO_NO_UPDATE_CHECK=1
case $(id -un) in
"$user") exec "$program" "$@" ;;
root) exec runuser --user "$user" -- "$program" "$@" ;;
*) exec sudo --user="$user" --preserve-env=DENO_DIR,DENO_NO_UPDATE_CHECK "$program" "$@" ;;
esac
