#!/usr/bin/env bash
# A PostgreSQL for tests: started once, thrown away afterwards. Listens on a socket in a folder of its own only.
#   scripts/test-postgres.sh start   starts it unless it runs, and prints the line for `eval`
#   scripts/test-postgres.sh env     prints the line only
#   scripts/test-postgres.sh stop    stops it and deletes everything
# fsync is off: nothing in it is worth keeping. PG_BIN names the programs' folder if they are somewhere unusual.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
# Short, because a socket's path has a limit of about 100 bytes; one for each checkout and user.
home="/tmp/wabotiq-pg-$(printf '%s' "$root" | cksum | cut -d' ' -f1)-$(id -u)"

die() {
  printf '%s\n' "$@" >&2
  exit 1
}

programs() {
  if [ -n "${PG_BIN:-}" ]; then
    printf '%s' "$PG_BIN"
    return
  fi
  # The newest that is installed; a folder that has all three programs.
  { find /usr/lib/postgresql /usr/local/pgsql /opt/homebrew/opt -maxdepth 3 -name initdb 2>/dev/null | sort -rV
    command -v initdb || true
  } | while read -r found; do
    folder="$(dirname "$found")"
    if [ -x "$folder/pg_ctl" ] && [ -x "$folder/psql" ]; then printf '%s' "$folder" && break; fi
  done
}

# PostgreSQL refuses to run as root: then it runs as the user postgres.
as_server() {
  if [ "$(id -u)" = 0 ]; then
    (cd / && runuser -u postgres -- "$@")
  else
    "$@"
  fi
}

running() { [ -d "$home/data" ] && as_server "$bin/pg_ctl" -D "$home/data" status >/dev/null 2>&1; }
say_env() { printf "export WABOTIQ_TEST_PG='host=%s'\n" "$home"; }

start() {
  running || launch
  "$bin/psql" -q -X -v ON_ERROR_STOP=1 -h "$home" -U postgres -d postgres >/dev/null <<'SQL'
DO $$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'wabotiq_app') THEN
    CREATE ROLE wabotiq_owner LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS;
    CREATE ROLE wabotiq_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB;
  END IF;
END $$;
SQL
}

launch() {
  rm -rf "$home"
  mkdir -m 700 "$home"
  if [ "$(id -u)" = 0 ]; then
    id postgres >/dev/null 2>&1 || die "PostgreSQL can't run as root, and there is no user postgres: run as another user."
    chown postgres "$home"
  fi
  as_server "$bin/initdb" -D "$home/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"/tmp/$(basename "$home").log" 2>&1 \
    || die "initdb failed:" "$(tail -n 20 "/tmp/$(basename "$home").log")"
  rm -f "/tmp/$(basename "$home").log"
  as_server "$bin/pg_ctl" -D "$home/data" -w -t 60 -l "$home/server.log" \
    -o "-k $home -c listen_addresses='' -c max_connections=300 -c shared_buffers=64MB -c fsync=off -c synchronous_commit=off -c full_page_writes=off" \
    start >/dev/null || die "PostgreSQL did not start:" "$(tail -n 20 "$home/server.log")"
}

stop() {
  if running; then as_server "$bin/pg_ctl" -D "$home/data" -m immediate stop >/dev/null; fi
  rm -rf "$home"
}

bin="$(programs)"
[ -n "$bin" ] && [ -x "$bin/initdb" ] || die "PostgreSQL's programs are not installed: apt install postgresql, or set PG_BIN."

case "${1:-}" in
  start) start && say_env ;;
  env) say_env ;;
  stop) stop ;;
  *) die "usage: scripts/test-postgres.sh start|stop|env" ;;
esac
