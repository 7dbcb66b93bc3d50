import { define, redirectWithFlash } from "../../../../lib/web/mod.ts";
import { ownPassword } from "../../(_components)/new_password.ts";

/** Ends the showing of a new app password: its owner has it. */
export const handler = define.handlers({
  async POST(ctx) {
    const { services: { carried }, site } = ctx.state;
    const { password, home } = await ownPassword(ctx);
    const text = `“${password.name}” is ready to use. Its password is not shown again.`;
    const response = redirectWithFlash(ctx, home, text);
    response.headers.append("set-cookie", carried.newPassword.clear(site.secure));
    return response;
  },
});
