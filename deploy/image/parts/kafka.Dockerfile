# Kafka of its jars on Debian's Java, with the manners of the usual image: KAFKA_… become settings of the broker.
ARG BASE
FROM ${BASE}
RUN apt-get update && apt-get install -y --no-install-recommends openjdk-17-jre-headless \
    && rm -rf /var/lib/apt/lists/* && useradd --system --uid 1001 kafka \
    && mkdir -p /var/lib/kafka/data /opt/kafka/bin /opt/kafka/config && chown kafka /var/lib/kafka/data /opt/kafka/config
COPY libs /opt/kafka/libs
COPY kafka.sh /usr/local/bin/entry
COPY versions.sh /opt/kafka/bin/kafka-broker-api-versions.sh
VOLUME /var/lib/kafka/data
EXPOSE 9092
USER kafka
ENTRYPOINT ["sh", "/usr/local/bin/entry"]
