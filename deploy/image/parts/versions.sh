#!/bin/sh
exec java -cp '/opt/kafka/libs/*' -Xmx64m org.apache.kafka.tools.BrokerApiVersionsCommand "$@"
