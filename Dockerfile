# One image for all roles: docker run pabal connector|router|timeline|... Configuration comes as PABAL_... variables
# or as a file (--config). Options for the JVM are set in JDK_JAVA_OPTIONS, which the launcher of the JDK reads.

FROM maven:3.9.16-eclipse-temurin-25-noble AS build
WORKDIR /build
COPY . .
RUN --mount=type=cache,target=/root/.m2 \
    mvn -q -B -ntp -Dmaven.test.skip=true -pl command -am package

FROM eclipse-temurin:25.0.2_10-jre-noble
RUN groupadd --gid 10001 pabal \
 && useradd --uid 10001 --gid pabal --no-create-home --home-dir /var/lib/pabal --shell /usr/sbin/nologin pabal \
 && install -d -o pabal -g pabal /var/lib/pabal
COPY --from=build /build/command/target/lib /opt/pabal/lib
COPY --from=build /build/command/target/pabal-command-*.jar /opt/pabal/pabal-command.jar
COPY --from=build /build/command/jvm.options /opt/pabal/jvm.options
# Half of the container's memory is heap; the other half is for socket buffers, RocksDB, threads and the JVM itself.
ENV JDK_JAVA_OPTIONS="-XX:InitialRAMPercentage=50 -XX:MaxRAMPercentage=50"
# Java decodes arguments by the locale: client identifiers and addresses are UTF-8.
ENV LC_ALL="C.UTF-8"
# By number, so that Kubernetes can see that it is not root.
USER 10001:10001
# A router keeps its state below this directory: mount a volume, or for store in-memory anything that is writable.
# /tmp has to be writable and executable, since native libraries are unpacked there.
WORKDIR /var/lib/pabal
EXPOSE 1883
ENTRYPOINT ["java", "@/opt/pabal/jvm.options", "-cp", "/opt/pabal/pabal-command.jar:/opt/pabal/lib/*", "io.pabal.command.Pabal"]
CMD ["--help"]
