#!/bin/sh
set -eu
case "$*" in
  *alertmanager.yml*) exec prometheus-alertmanager --cluster.listen-address= "$@" ;;
  *) exec prometheus "$@" ;;
esac
