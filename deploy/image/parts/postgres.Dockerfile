# PostgreSQL of Debian with the manners of the usual image: POSTGRES_PASSWORD, and *.sql in /docker-entrypoint-initdb.d.
ARG BASE
FROM ${BASE}
RUN apt-get update && apt-get install -y --no-install-recommends postgresql postgresql-contrib \
    && rm -rf /var/lib/apt/lists/* /var/lib/postgresql/*
COPY postgres.sh /usr/local/bin/entry
ENV PATH=/usr/lib/postgresql/15/bin:$PATH PGDATA=/var/lib/postgresql/data LANG=C.UTF-8
RUN mkdir -p $PGDATA && chown postgres:postgres $PGDATA
VOLUME /var/lib/postgresql/data
EXPOSE 5432
USER postgres
STOPSIGNAL SIGINT
ENTRYPOINT ["sh", "/usr/local/bin/entry"]
