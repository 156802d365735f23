#!/bin/sh
# Builds the parts for tests and for compose where no registry can be reached: `make images-test`.
set -eu
here=$(dirname "$0")
base=$(sh "$here/../base.sh")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$here"/*.sh "$here"/*.Dockerfile "$folder"
mkdir "$folder/libs"
# The jars that the local stack uses, fetched once by `make setup`.
.venv/bin/python - "$folder/libs" <<'PYTHON'
import os
import shutil
import sys

from fengqiao.entry.local.kafka_jars import kafka_class_path
from fengqiao.entry.local.prefetch import default_cache

for jar in kafka_class_path(default_cache(os.environ)):
    shutil.copy(jar, sys.argv[1])
PYTHON
for part in postgres postgres-exporter kafka monitoring; do
  DOCKER_BUILDKIT=1 docker build --quiet --build-arg BASE="$base" --tag "fengqiao-$part:local" \
    --file "$folder/$part.Dockerfile" "$folder" >/dev/null
  docker image inspect "fengqiao-$part:local" --format "images-test: fengqiao-$part:local, {{.Size}} bytes"
done
