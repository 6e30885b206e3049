# The image of the manifests in deploy/: the programs, the installer, and busybox for the shell that it needs.
# script/build-image builds the last stage without the first, out of what it has built itself, and needs no registry for that.
ARG SWIFT=6.3

FROM swift:${SWIFT}-bookworm AS builder
COPY . /source
WORKDIR /source
RUN script/bootstrap build && script/build-image --files /files

FROM scratch AS image
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="whereabouts" \
      org.opencontainers.image.description="A CNI IPAM plugin with its installer, control loop and reconciler" \
      org.opencontainers.image.version="${VERSION}"
COPY --from=builder /files/ /
RUN ["/bin/busybox", "--install", "-s", "/bin"]
ENV PATH=/:/bin
# What it works on are files of root's.
USER 0:0
# The manifests name the program of each container.
CMD ["ip-control-loop"]
