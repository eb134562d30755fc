# The image of hipaa-ci: what `admission install --image` is given, and the program for anything else. See docs/image.md.
#
# Both images that it is made from are named by whoever builds, by digest; there is no default, because a digest that
# nobody has looked at is no pin:
#
#   BUILDER  Node 24 and npm, with a shell:     docker.io/library/node:24-trixie-slim@sha256:…
#   BASE     Node 24 and nothing else:          gcr.io/distroless/nodejs24-debian13:nonroot@sha256:…
ARG BUILDER
ARG BASE

FROM ${BUILDER} AS build
ARG BUILDER
ARG BASE
ARG REVISION
RUN ["node", "-e", "for (const name of ['BUILDER', 'BASE']) if (!/@sha256:[0-9a-f]{64}$/.test(process.env[name] ?? '')) throw new Error(name + ' must be named by digest')"]
RUN ["node", "-e", "if (!/^[0-9a-f]{40}$/.test(process.env.REVISION ?? '')) throw new Error('REVISION must be the commit that this is built from')"]
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN ["npm", "ci", "--ignore-scripts"]
COPY . .
RUN ["node", "scripts/build.ts"]
# The same files as `npm run image` puts in.
RUN ["node", "scripts/own-image.ts", "--tree", "/image"]

FROM ${BASE}
ARG REVISION
LABEL org.opencontainers.image.title="hipaa-ci" \
      org.opencontainers.image.description="Container supply-chain evidence for HIPAA workloads: SBOM, scan, sign, attest, verify, and answers an auditor can check" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build --chown=0:0 /image/ /
# Code comes from the image alone, never from a folder that can be written to.
ENV NODE_ENV=production \
    NODE_DISABLE_COMPILE_CACHE=1
USER 65532:65532
WORKDIR /app
# Its Node is new enough, and all is there; it leaves nothing behind.
RUN ["/nodejs/bin/node", "/app/bin/run.js", "--version"]
ENTRYPOINT ["/nodejs/bin/node", "/app/bin/run.js"]
