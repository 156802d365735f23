# postgres_exporter of Debian with the manners of the usual image: DATA_SOURCE_URI, DATA_SOURCE_USER, DATA_SOURCE_PASS.
ARG BASE
FROM ${BASE}
RUN apt-get update && apt-get install -y --no-install-recommends prometheus-postgres-exporter \
    && rm -rf /var/lib/apt/lists/*
EXPOSE 9187
USER nobody
ENTRYPOINT ["prometheus-postgres-exporter"]
