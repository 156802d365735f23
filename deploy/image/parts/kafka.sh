#!/bin/sh
# KAFKA_LOG_DIRS becomes log.dirs; then the store is formatted once, and the broker runs.
set -eu
: "${KAFKA_LOG_DIRS:=/var/lib/kafka/data}"
export KAFKA_LOG_DIRS
settings=/opt/kafka/config/server.properties
env | sed -n 's/^KAFKA_//p' | grep -v '^HEAP_OPTS=\|^OPTS=' | while IFS='=' read -r name value; do
  echo "$(echo "$name" | tr 'A-Z_' 'a-z.')=$value"
done > "$settings"
# In the environment, where no shell makes names of files of the star.
export CLASSPATH='/opt/kafka/libs/*'
java="java ${KAFKA_HEAP_OPTS:--Xms256m -Xmx512m}"
[ -f "$KAFKA_LOG_DIRS/meta.properties" ] \
  || $java kafka.tools.StorageTool format --config "$settings" --cluster-id "${CLUSTER_ID:-5L6g3nShT-eMCtK--X86sw}" --ignore-formatted
exec $java kafka.Kafka "$settings"
