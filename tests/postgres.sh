# A PostgreSQL of the tests' own: started in a folder, on a free port of the loopback, removed afterwards.

pg_as() { # runs a command as the user who may own a server
  if [ "$(id -u)" -eq 0 ]; then su postgres -s /bin/bash -c "cd /tmp && $1"; else bash -c "cd /tmp && $1"; fi
}

start_postgres() {
  pg_home=$(mktemp -d "${TMPDIR:-/tmp}/vekha-postgres.XXXXXX")
  chmod 700 "$pg_home"
  [ "$(id -u)" -eq 0 ] && chown postgres "$pg_home"
  pg_bin=$(postgres_bin)
  local port
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  pg_as "$pg_bin/initdb -D $pg_home/data -U vekha -A trust -E UTF8 --locale=C.UTF-8 -N" >"$pg_home.log" 2>&1 ||
    { cat "$pg_home.log"; return 1; }
  pg_as "$pg_bin/pg_ctl -D $pg_home/data -w -l $pg_home/log -o \"-p $port -k $pg_home -c listen_addresses=127.0.0.1 \
    -c max_connections=200 -c shared_buffers=128MB\" start" >/dev/null
  export VEKHA_TEST_POSTGRES="postgres://vekha@127.0.0.1:$port"
  echo "$VEKHA_TEST_POSTGRES"
}

stop_postgres() {
  pg_as "$pg_bin/pg_ctl -D $pg_home/data -m immediate stop" >/dev/null 2>&1 || true
  rm -rf "$pg_home" "$pg_home.log"
}
