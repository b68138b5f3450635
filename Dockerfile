# The server, from its sources to an image that holds only what runs: compiled packages and production dependencies.
FROM node:24-slim AS build
WORKDIR /build
COPY . .
# Compiling needs TypeScript alone: nothing that is installed may run a script.
RUN npm ci --ignore-scripts
RUN npx tsc -b packages/server && npm run build:dashboard
RUN find packages \( -name node_modules -o -name src -o -name scripts -o -name "tsconfig.*" \) -prune -exec rm -rf {} +

FROM node:24-slim AS dependencies
WORKDIR /build
COPY package.json package-lock.json ./
COPY packages packages
RUN npm ci --omit=dev --ignore-scripts --workspace packages/server

FROM node:24-slim
WORKDIR /app
ENV NODE_ENV=production \
    GRANTRY_HOST=0.0.0.0 \
    GRANTRY_PORT=4545 \
    GRANTRY_DATA_DIR=/data
COPY --from=dependencies /build/node_modules node_modules
COPY --from=build /build/package.json ./
COPY --from=build /build/docs/errors docs/errors
COPY --from=build /build/packages packages
# The rotation journal and, without PostgreSQL, the database: the only place that is written.
RUN mkdir /data && chown node:node /data && chmod 700 /data
VOLUME /data
USER node
EXPOSE 4545
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.GRANTRY_PORT + '/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Node itself is the first process: it gets SIGTERM, and stops in order.
CMD ["node", "--max-semi-space-size=4", "packages/server/dist/main.js"]
