#!/bin/sh
# Takes out of an environment what no running node reads: tests of libraries, headers, and the names of functions in
# compiled libraries, which only a debugger would ask for.
set -eu
environment=$1
find "$environment" -type d \( -name tests -o -name test -o -name __pycache__ \) -prune -exec rm -rf {} +
find "$environment" \( -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.c' -o -name '*.h' \) -delete
