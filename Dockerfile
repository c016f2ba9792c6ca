# Latchkey with what it needs to run, and nothing to build it with. Needs DATABASE_URL; writes no file with MySQL or MariaDB.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json nest-cli.json ./
COPY src src
COPY web web
RUN npm run build && npm prune --omit=dev --no-audit --no-fund && rm -f dist/.tsbuildinfo

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0
WORKDIR /app
# Beside dist, which reads its version from it, and finds by its "type" that it is of ES modules.
COPY package.json ./
COPY bin bin
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
USER node
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 8000) + '/health/live').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# node itself and not npm, which does not hand SIGTERM on: the server drains on it.
CMD ["node", "dist/main.js"]
