FROM rust:1-slim-bookworm AS build
WORKDIR /build
# The dependencies, in a layer that only a change of theirs builds again.
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
RUN mkdir src && touch src/lib.rs && echo 'fn main() {}' >src/main.rs \
    && cargo build --release --locked
COPY schema.sql ./
COPY src src
# Cargo goes by the time of a file: what was copied may be older than the empty files above.
RUN touch src/lib.rs src/main.rs && cargo build --release --locked

FROM debian:bookworm-slim
# The group and user have fixed numbers, so that a volume fits the next image too.
RUN groupadd --gid 10001 podium \
    && useradd --uid 10001 --gid podium --home-dir /var/lib/podium --no-create-home \
        --shell /usr/sbin/nologin podium \
    && install --directory --owner podium --group podium --mode 700 /var/lib/podium
# The authorities that vouch for identity providers.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /build/target/release/podium /usr/local/bin/podium
ENV PODIUM_LISTEN=0.0.0.0:8080 \
    PODIUM_DATABASE_URL=sqlite:///var/lib/podium/podium.db
USER podium
WORKDIR /var/lib/podium
VOLUME /var/lib/podium
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["podium", "health"]
ENTRYPOINT ["podium"]
