/** Tells that devices have to trust the server's own certificate authority. @param path Of its certificate. */
export function AuthorityNotice({ path }: { path: string }) {
  return (
    <p class="notice">
      This server has a certificate authority of its own. Install{" "}
      <a href={path}>its certificate (ca.crt)</a>{" "}
      once on each device or program, as a trusted authority; otherwise it refuses to connect, or
      asks whether to continue.
    </p>
  );
}
