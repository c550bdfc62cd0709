# Built from the source with Debian's own packages, run as a user of its own.
#   docker build -t hetang .
#   docker run --rm -v hetang:/data hetang init      (makes the instance, prints the owner's first password)
#   docker run -d -p 8080:8080 -v hetang:/data --stop-timeout 15 hetang
#   docker exec -it NAME hetang user add …
FROM debian:12-slim AS build
WORKDIR /src
COPY . .
RUN ./run build && strip --strip-debug -o /hetang build/release/hetang

FROM debian:12-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends libh2o-evloop0.13 libsqlite3-0 libpq5 libcurl4 libssl3 libargon2-1 libinih1 \
    liblzma5 libzip4 libexpat1 libxlsxwriter4 zlib1g libnlopt0 ca-certificates tzdata \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --no-create-home --uid 10001 hetang \
 && install -d -o hetang -g hetang -m 700 /data
COPY --from=build /hetang /usr/bin/hetang
USER hetang
ENV HETANG_DATA=/data HETANG_LISTEN=0.0.0.0:8080
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=6s --start-period=20s CMD ["bash", "-c", \
  "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /readyz HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200'"]
ENTRYPOINT ["hetang"]
CMD ["serve"]
