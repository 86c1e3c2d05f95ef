# One image for the three services and the migrations; the command chooses:
#   apps/control-plane/dist/main.js (default)  apps/data-plane/dist/main.js  apps/worker/dist/main.js  scripts/migrate.mjs
FROM node:24-bookworm-slim@sha256:6f7b03f7c2c8e2e784dcf9295400527b9b1270fd37b7e9a7285cf83b6951452d AS build
WORKDIR /app
COPY . .
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund
RUN node scripts/build.mjs \
  && find apps libs -type f \( -name '*.ts' -o -name '*.tsx' \) -not -path '*/node_modules/*' -delete \
  && find apps libs -type f \( -name 'tsconfig*.json' -o -name '.tsbuildinfo' \) -not -path '*/node_modules/*' -delete

FROM node:24-bookworm-slim@sha256:6f7b03f7c2c8e2e784dcf9295400527b9b1270fd37b7e9a7285cf83b6951452d AS dependencies
WORKDIR /app
COPY . .
# Without optional packages: they are the embedded PostgreSQL, and command line tools that Prisma's client names as optional peers.
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund
# The password hasher's binary is the one optional package that is needed; the full installation has the right one for this platform.
COPY --from=build /app/node_modules/@node-rs node_modules/@node-rs

FROM node:24-bookworm-slim@sha256:6f7b03f7c2c8e2e784dcf9295400527b9b1270fd37b7e9a7285cf83b6951452d
ENV NODE_ENV=production \
    PORTICO_ENV=production \
    CONTROL_PLANE_HOST=0.0.0.0 \
    DATA_PLANE_HOST=0.0.0.0 \
    WORKER_HOST=0.0.0.0
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/package.json package.json
COPY --from=build /app/apps apps
COPY --from=build /app/libs libs
COPY --from=build /app/prisma prisma
COPY --from=build /app/openap[i] openapi
COPY --from=build /app/scripts scripts
USER node
EXPOSE 4000 4100 4200
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["node", "scripts/healthcheck.mjs"]
ENTRYPOINT ["node", "--enable-source-maps"]
CMD ["apps/control-plane/dist/main.js"]
