#!/usr/bin/env bash
# Fetches the vendored files of the pages and of papers as PDF again and writes VENDOR.toml. Run by hand when a version
# changes; the tests only compare the digests. Pictures that Bootstrap carries inside its stylesheet become files, so that
# the Content-Security-Policy of the pages needs no `data:`.
set -euo pipefail
cd "$(dirname "$0")/.."
packages=(bootstrap@5.3.9 htmx.org@4.0.1 @fontsource/golos-text@5.3.0 @expo-google-fonts/pt-sans@0.4.1)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for package in "${packages[@]}"; do
  (cd "$work" && archive=$(npm pack --silent "$package") && mkdir "${archive%.tgz}" && tar -xzf "$archive" -C "${archive%.tgz}")
done
python3 tests/vendor.py "$work" templates/assets/vendor src/exchange/pdf/fonts
