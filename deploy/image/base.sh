#!/bin/sh
# Prints the base that images are built on: Debian from a registry, or one made of Debian's packages where none answers.
set -eu
for name in debian:bookworm-slim debian:bookworm-local; do
  if docker image inspect "$name" >/dev/null 2>&1; then echo "$name"; exit 0; fi
done
if timeout 60 docker pull --quiet debian:bookworm-slim >/dev/null 2>&1; then echo debian:bookworm-slim; exit 0; fi
if ! command -v debootstrap >/dev/null; then
  if [ "$(id -u)" != 0 ]; then
    echo "No registry answers, and debootstrap is not here. On Debian: sudo apt-get install debootstrap" >&2; exit 1
  fi
  apt-get update -qq >&2 && apt-get install -y -qq --no-install-recommends debootstrap >&2
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
echo "image: no registry answers; making a base of Debian's packages" >&2
debootstrap --variant=minbase bookworm "$folder/root" >"$folder/log" 2>&1 || { tail -5 "$folder/log" >&2; exit 1; }
tar -C "$folder/root" -c . | docker import - debian:bookworm-local >/dev/null
echo debian:bookworm-local
