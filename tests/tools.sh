# What the tests need beyond Rust and a C compiler; installed when missing. Sourced by tests/run and tests/night.

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi; }

apt_install() {
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

postgres_bin() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1; }

need_postgres() {
  [ -n "$(postgres_bin)" ] && [ -x "$(postgres_bin)/initdb" ] || apt_install postgresql
}

need_wrk() { command -v wrk >/dev/null || apt_install wrk; }

# A Python of its own with the libraries that write workbooks, receive mail and read calendars for the tests, and a
# certificate maker.
need_python() {
  command -v python3 >/dev/null || apt_install python3 python3-venv
  command -v openssl >/dev/null || apt_install openssl
  # One that is there already is named beforehand.
  [ -z "${VEKHA_TEST_PYTHON:-}" ] || return 0
  local home="$PWD/tests/.work/python"
  if ! "$home/bin/python" -c 'import openpyxl, aiosmtpd, icalendar, vobject' 2>/dev/null; then
    rm -rf "$home"
    python3 -m venv "$home" || { apt_install python3-venv; python3 -m venv "$home"; }
    "$home/bin/pip" install -q openpyxl==3.1.5 aiosmtpd==1.4.6 icalendar==7.3.2 vobject==0.9.9
  fi
  export VEKHA_TEST_PYTHON="$home/bin/python"
}

# What a file system of the tests' own needs (power cuts). Where a machine has no /dev/fuse or will not mount, says so: those
# tests are then SKIPPED, which a release may not be.
need_fuse() {
  export VEKHA_TEST_FUSE=no
  [ -e /dev/fuse ] || { echo "SKIPPED: power cuts on SQLite: this machine has no /dev/fuse"; return 0; }
  if ! ldconfig -p | grep -q 'libfuse\.so\.2'; then
    apt_install libfuse2 || { echo "SKIPPED: power cuts on SQLite: libfuse2 cannot be installed"; return 0; }
  fi
  command -v fusermount3 >/dev/null || command -v fusermount >/dev/null || apt_install fuse3 ||
    { echo "SKIPPED: power cuts on SQLite: fuse3 cannot be installed"; return 0; }
  "$VEKHA_TEST_PYTHON" -c 'import fuse' 2>/dev/null || "$VEKHA_TEST_PYTHON" -m pip install -q fusepy==3.0.1 ||
    { echo "SKIPPED: power cuts on SQLite: fusepy cannot be installed"; return 0; }
  export VEKHA_TEST_FUSE=yes
}

# A word processor that opens the papers of a plan, and a spreadsheet that opens the tables.
need_office() {
  command -v soffice >/dev/null && [ -e /usr/lib/libreoffice/program/libscfiltlo.so ] ||
    apt_install libreoffice-writer-nogui libreoffice-calc-nogui fonts-paratype
}

# What reads the papers that are made as PDF.
need_pdf() {
  command -v pdfinfo >/dev/null || apt_install poppler-utils
}

# Chromium of the system with fonts, and the two libraries that drive and judge it.
need_browser() {
  command -v chromium >/dev/null || apt_install chromium fonts-dejavu-core
  command -v npm >/dev/null || apt_install nodejs npm
  local home="$PWD/tests/.work/browser"
  mkdir -p "$home"
  cp tests/browser/package.json tests/browser/*.mjs "$home/"
  if ! cmp -s "$home/package.json" "$home/.installed"; then
    (cd "$home" && npm install --silent --no-audit --no-fund)
    cp "$home/package.json" "$home/.installed"
  fi
  export VEKHA_TEST_BROWSER="$home"
}
