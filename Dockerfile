# The image contains everything: it needs no network to start, runs as an unprivileged user, and writes only to /app/data.
# See docs/operations.md.

# Built on the platform of the builder: the result is the same on all platforms.
FROM --platform=$BUILDPLATFORM denoland/deno:2.9.6 AS build
WORKDIR /app
COPY deno.json deno.lock main.ts ./
COPY smtp smtp
COPY lib lib
COPY routes routes
COPY islands islands
COPY static static
COPY tools/build.ts tools/bundle.ts tools/permissions.ts tools/smtp-oauth2-proxy tools/
RUN deno run --allow-all --frozen tools/build.ts
# From here on, only packages that the program itself imports: those for tests and tools are left out.
ENV DENO_DIR=/deno-dir-of-the-program
RUN deno remove --quiet @azure/msal-node @lucide/icons @types/oidc-provider @types/pg axe-core fast-check \
  nodemailer oidc-provider playwright-core postal-mime smtp-server
RUN deno cache --quiet --frozen main.ts tools/permissions.ts \
  && tools/smtp-oauth2-proxy --help

FROM denoland/deno:2.9.6
WORKDIR /app
ENV DENO_DIR=/deno-dir DENO_NO_UPDATE_CHECK=1
COPY --from=build /deno-dir-of-the-program /deno-dir
COPY --from=build /app /app
RUN ln -s /app/tools/smtp-oauth2-proxy /usr/local/bin/smtp-oauth2-proxy \
  && install -d -o deno -g deno -m 700 /app/data
USER deno
VOLUME /app/data
EXPOSE 25 80 443 465 587 3000
HEALTHCHECK --interval=30s --timeout=10s --start-period=10s CMD ["smtp-oauth2-proxy", "healthcheck"]
ENTRYPOINT ["smtp-oauth2-proxy"]
CMD ["serve"]
