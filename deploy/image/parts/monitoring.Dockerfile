# Prometheus and Alertmanager of Debian; which of the two runs is told by its configuration.
ARG BASE
FROM ${BASE}
RUN apt-get update && apt-get install -y --no-install-recommends prometheus prometheus-alertmanager \
    && rm -rf /var/lib/apt/lists/* && mkdir -p /prometheus /alertmanager && chown prometheus /prometheus /alertmanager
COPY monitoring.sh /usr/local/bin/entry
VOLUME ["/prometheus", "/alertmanager"]
EXPOSE 9090 9093
USER prometheus
ENTRYPOINT ["sh", "/usr/local/bin/entry"]
